package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
final class CurrentContextTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext context = time.root().withCancel();

    @AfterEach
    void leavesNothingCurrentOnTheThread() {
        assertThat(CurrentContext.get()).isNull();
    }

    @Test
    void isBackgroundWhereNoneIs() {
        assertThat(Context.current()).isSameAs(Context.background());
        assertThat(CurrentContext.get()).isNull();
    }

    @Test
    void isTheOneThatAnOperationIsCalledWith() {
        Context result = context.call(() -> {
            assertThat(Context.current()).isSameAs(context);
            return Context.current().withCancel().call(Context::current);
        });

        assertThat(result).isNotSameAs(context);
        context.run(() -> assertThat(Context.current()).isSameAs(context));
    }

    @Test
    void isPutBackWhenTheOperationThrows() {
        context.run(() -> {
            assertThatThrownBy(() -> context.withCancel().call(() -> {
                        throw new IOException("the operation's own");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the operation's own");
            assertThat(Context.current()).isSameAs(context);
        });
    }

    @Test
    void runsTheOperationAlsoWhereTheContextIsDone() {
        context.cancel();

        assertThat(context.<Boolean, RuntimeException>call(
                        () -> Context.current().isDone()))
                .isTrue();
    }

    @Test
    void mayBeTheBackground() {
        context.run(() -> {
            Context.background().run(() -> {
                assertThat(CurrentContext.get()).isNull();
                assertThat(Context.current()).isSameAs(Context.background());
            });
            assertThat(Context.current()).isSameAs(context);
        });
    }

    @Test
    void isBoundedWithinATimeoutAndClosedAfterIt() throws Exception {
        AtomicReference<Context> bounded = new AtomicReference<>();

        String result = context.callWithin(ofSeconds(1), () -> {
            bounded.set(Context.current());
            assertThat(bounded.get().deadline().remaining()).isEqualTo(ofSeconds(1));
            assertThat(Links.of(context)).isEqualTo(1);
            return "result";
        });

        assertThat(result).isEqualTo("result");
        assertThat(bounded.get().cause()).hasMessage("context closed");
        assertThat(time.armed()).isZero();
        assertThat(Links.of(context)).isZero();
        assertThat(context.isDone()).isFalse();
    }

    @Test
    void isClosedAlsoWhereTheBoundedOperationThrows() {
        assertThatThrownBy(() -> context.runWithin(ofSeconds(1), () -> {
                    throw new IOException("the operation's own");
                }))
                .isInstanceOf(IOException.class);

        assertThat(time.armed()).isZero();
        assertThat(Links.of(context)).isZero();
    }

    @Test
    void endsWhileTheBoundedOperationRuns() {
        context.runWithin(ofSeconds(1), () -> {
            time.advance(ofSeconds(1));
            assertThat(Context.current().state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
            assertThat(context.isDone()).isFalse();
        });
        context.runWithin(
                Duration.ZERO, () -> assertThat(Context.current().isDone()).isTrue());
    }

    @Test
    void isExchangedRawByFrameworks() {
        assertThat(CurrentContext.exchange(context)).isNull();
        assertThat(CurrentContext.get()).isSameAs(context);
        assertThat(CurrentContext.exchange(Context.background())).isSameAs(context);
        assertThat(CurrentContext.exchange(null)).isNull();
    }
}
