package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RootContextTests {
    static Stream<Context> roots() {
        return Stream.of(Context.background(), Context.todo(), new ManualTime().root());
    }

    @ParameterizedTest
    @MethodSource("roots")
    void hasNeitherEndNorDeadlineNorValues(Context root) {
        assertThat(root.state()).isEqualTo(Context.State.ACTIVE);
        assertThat(root.isDone()).isFalse();
        assertThat(root.cause()).isNull();
        assertThat(root.exception()).isNull();
        assertThat(root.deadline()).isNull();
        assertThat(root.get(Context.Key.<String>named("anything"))).isNull();
        root.throwIfDone();
    }

    @ParameterizedTest
    @MethodSource("roots")
    void takesActionsThatNeverRun(Context root) {
        AtomicBoolean ran = new AtomicBoolean();

        Context.Registration registration = root.onDone(() -> ran.set(true), Runnable::run);

        assertThat(registration.stop()).isTrue();
        assertThat(registration.stop()).isFalse();
        registration.close();
        assertThat(ran).isFalse();
    }

    @ParameterizedTest
    @MethodSource("roots")
    void saysWhatItIs(Context root) {
        assertThat(root.toString()).isIn("Context[background]", "Context[todo]", "Context[manual time]");
    }
}
