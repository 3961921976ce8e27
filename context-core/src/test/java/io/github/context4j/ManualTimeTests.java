package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("MustBeClosed")
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ManualTimeTests {
    private final ManualTime time = new ManualTime();

    @Test
    void endsManyContextsInTheOrderOfTheirDeadlinesEachAtItsTime() {
        Random random = new Random(1);
        List<Deadline> order = new ArrayList<>();
        List<Deadline> times = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            CancelableContext context = time.root().withTimeout(Duration.ofMillis(1 + random.nextInt(10_000)));
            Deadline deadline = context.deadline();
            Context.Registration registration = context.onDone(
                    () -> {
                        order.add(deadline);
                        times.add(time.root().withTimeout(Duration.ZERO).deadline());
                    },
                    Runnable::run);
            if (i % 5 == 0) {
                registration.close();
                context.close();
            }
        }

        time.advance(ofSeconds(11));

        assertThat(order).hasSize(4_000).isSorted();
        assertThat(times).isEqualTo(order);
        assertThat(time.armed()).isZero();
    }

    @Test
    void endsWithinOneAdvanceWhatIsArmedMeanwhile() {
        List<String> order = new ArrayList<>();
        time.root().withTimeout(ofSeconds(2)).onDone(() -> order.add("second"), Runnable::run);
        time.root()
                .withTimeout(ofSeconds(1))
                .onDone(
                        () -> {
                            order.add("first");
                            time.root().withTimeout(ofSeconds(2)).onDone(() -> order.add("third"), Runnable::run);
                        },
                        Runnable::run);

        time.advance(ofSeconds(3));

        assertThat(order).containsExactly("first", "second", "third");
    }

    @Test
    void refusesToGoBack() {
        assertThatThrownBy(() -> time.advance(ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("time: PT-1S (expected: >= 0)");
        time.advance(Duration.ZERO);
    }
}
