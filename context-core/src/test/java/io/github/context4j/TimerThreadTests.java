package io.github.context4j;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("MustBeClosed")
@Timeout(30)
final class TimerThreadTests {
    private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private final TimerThread timer = new TimerThread(ofMillis(300).toNanos());
    private final Context root = new RootContext("test", null, timer);

    @Test
    void endsNothingEarlyAndNothingMuchTooLate() throws Exception {
        int count = 2_000;
        Random random = new Random(1);
        Queue<Duration> lateness = new ConcurrentLinkedQueue<>();
        CountDownLatch done = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            long at = System.nanoTime() + ofMillis(random.nextInt(300)).toNanos() + 1;
            CancelableContext context = root.withTimeout(Duration.ofNanos(at - System.nanoTime()));
            context.onDone(
                    () -> {
                        lateness.add(Duration.ofNanos(System.nanoTime() - at));
                        done.countDown();
                    },
                    Runnable::run);
        }

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lateness).hasSize(count).allSatisfy(late -> assertThat(late)
                .isBetween(Duration.ofNanos(-1_000), ofSeconds(20)));
        assertThat(timer.armed()).isZero();
    }

    @Test
    void isWokenByAnEarlierTimer() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Await.state(threadOf(timer), Thread.State.TIMED_WAITING);

        assertDone(root.withTimeout(ofMillis(20)));
        assertThat(late.isDone()).isFalse();
        late.close();
    }

    @Test
    void servesWhatIsDueAfterTheEarliestWasTakenBack() throws Exception {
        CancelableContext second = root.withTimeout(ofMillis(60));
        root.withTimeout(ofMillis(20)).close();

        assertDone(second);
    }

    @Test
    void sleepsWhileNothingIsDue() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Thread thread = threadOf(timer);
        Await.state(thread, Thread.State.TIMED_WAITING);
        long waits = waits(thread);

        assertDone(Context.background().withTimeout(ofMillis(700)));

        assertThat(waits(thread)).isEqualTo(waits);
        late.close();
    }

    @Test
    void isNotWokenByTimersThatComeAndGo() throws Exception {
        TimerThread patient = new TimerThread(ofSeconds(10).toNanos());
        Context root = new RootContext("test", null, patient);
        CancelableContext late = root.withTimeout(ofSeconds(30));
        Thread thread = threadOf(patient);
        Await.state(thread, Thread.State.TIMED_WAITING);
        long waits = waits(thread);

        for (int i = 0; i < 10_000; i++) {
            root.withTimeout(ofSeconds(60)).close();
        }
        late.close();
        for (int i = 0; i < 10_000; i++) {
            root.withTimeout(ofSeconds(60)).close();
        }

        // Told once that the last is gone; then once per idle time at most.
        assertThat(waits(thread) - waits).isLessThan(20);
    }

    @Test
    void goesWhenIdleAndComesBack() throws Exception {
        Thread first = threadOf(timer);
        assertThat(first.isDaemon()).isTrue();
        assertThat(first.getContextClassLoader()).isNull();

        assertGone(first);
        assertThat(threadOf(timer)).isNotSameAs(first);
    }

    @Test
    void goesSoonAfterTheLastTimerIsTakenBackHoweverLate() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Thread thread = threadOf(timer);
        Await.state(thread, Thread.State.TIMED_WAITING);

        late.close();

        assertGone(thread);
    }

    @Test
    void survivesAnInterrupt() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Thread thread = threadOf(timer);
        Await.state(thread, Thread.State.TIMED_WAITING);

        try (Warnings warnings = Warnings.record()) {
            thread.interrupt();
            assertThat(threadOf(timer)).isSameAs(thread);
            assertThat(warnings.thrown()).isEmpty();
        }
        Await.state(thread, Thread.State.TIMED_WAITING);
        assertThat(late.isDone()).isFalse();
        late.close();
    }

    @Test
    void survivesActionsThatThrowAndALogThatThrows() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Thread thread = threadOf(timer);

        try (Warnings warnings = Warnings.broken()) {
            CancelableContext failing = root.withTimeout(ofMillis(500)); // not before its action is there
            failing.onDone(
                    () -> {
                        Thread.currentThread().interrupt();
                        throw new StackOverflowError("an action's own");
                    },
                    Runnable::run);
            assertDone(failing);
            assertThat(threadOf(timer)).isSameAs(thread);
            assertThat(warnings.thrown()).hasAtLeastOneElementOfType(StackOverflowError.class);
        }
        late.close();
    }

    @Test
    void forgetsWhatIsTakenBackInAnyOrder() {
        List<CancelableContext> contexts = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            contexts.add(root.withTimeout(ofSeconds(60 + random.nextInt(60))));
        }
        assertThat(timer.armed()).isEqualTo(2_000);

        while (!contexts.isEmpty()) {
            contexts.remove(random.nextInt(contexts.size())).close();
            assertThat(timer.armed()).isEqualTo(contexts.size());
        }
    }

    /** The thread that serves {@code timer}, as an action sees it. */
    private static Thread threadOf(TimerThread timer) throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        new RootContext("probe", null, timer)
                .withTimeout(ofMillis(1))
                .onDone(() -> thread.complete(Thread.currentThread()), Runnable::run);
        Thread found = thread.get(10, TimeUnit.SECONDS);
        if (found == Thread.currentThread()) {
            return threadOf(timer); // the timer was faster than the registration
        }
        return found;
    }

    private static long waits(Thread thread) {
        return threads.getThreadInfo(thread.getId()).getWaitedCount();
    }

    private static void assertDone(Context context) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        context.onDone(done::countDown, Runnable::run);
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void assertGone(Thread thread) throws Exception {
        thread.join(20_000);
        assertThat(thread.isAlive()).isFalse();
    }
}
