package io.github.context4j;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loops that compute and never wait: they end because they ask. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LoopTests {
    /** An endless computation that asks every so many rounds. */
    private static long compute(Context context, int every) {
        long state = 1;
        for (long round = 1; ; round++) {
            state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            if (state == 0) {
                return round; // never, which the compiler does not know
            }
            if (round % every == 0) {
                context.throwIfDone();
            }
        }
    }

    /** Also when the loop has been compiled: the question is not hoisted out of it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 1_000})
    void endWithinAMomentOfACancel(int every) throws Exception {
        for (int i = 0; i < 5; i++) {
            CancelableContext context = Context.background().withCancel();
            Context below = context.withValue(Context.Key.named("key"), "value").withCancel();
            CountDownLatch started = new CountDownLatch(1);
            CompletableFuture<Long> ended = new CompletableFuture<>();
            Thread thread = ThreadKind.PLATFORM.start(() -> {
                started.countDown();
                assertThatThrownBy(() -> compute(below, every)).isInstanceOf(CanceledException.class);
                ended.complete(System.nanoTime());
            });
            started.await();
            long warm = System.nanoTime();
            Await.until(() -> System.nanoTime() - warm > TimeUnit.MILLISECONDS.toNanos(100)); // time to be compiled
            assertThat(ended).isNotDone();

            long canceled = System.nanoTime();
            context.cancel();

            assertThat(ended.get(20, TimeUnit.SECONDS) - canceled).isLessThan(TimeUnit.SECONDS.toNanos(2));
            thread.join();
        }
    }

    @Test
    void endAtTheirDeadline() {
        assertThatThrownBy(() -> Context.background().runWithin(ofMillis(20), () -> compute(Context.current(), 1)))
                .isInstanceOf(DeadlineExceededException.class);
    }
}
