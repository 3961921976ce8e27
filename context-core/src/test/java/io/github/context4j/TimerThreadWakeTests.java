package io.github.context4j;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the timer thread sleeps, wakes and goes, step by step. */
@SuppressWarnings("MustBeClosed")
@Timeout(30)
final class TimerThreadWakeTests {
    /** Goes some time after its last timer, lest it be gone before a test has looked at it. */
    private final TimerThread timer = new TimerThread(ofSeconds(2).toNanos());

    private final Context root = new RootContext("test", null, timer);

    /** It looks once more after it has said when it wakes. */
    @Test
    void seesATimerArmedBeforeItHasSaidWhenItWakes() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        CountDownLatch release = new CountDownLatch(1);
        Thread thread = heldUntil(release);
        CancelableContext soon;
        synchronized (timer) {
            release.countDown();
            Await.state(thread, Thread.State.BLOCKED); // has looked at the wheels, is about to write wakeAt
            soon = root.withTimeout(ofMillis(20)); // no signal: the thread seems to be awake
        }
        assertDone(soon);
        late.close();
    }

    /** It looks once more after it has said that it goes. */
    @Test
    void doesNotGoFromATimerArmedWhileItDecidesTo() throws Exception {
        Thread thread = heldUntil(new CountDownLatch(0));
        Await.state(thread, Thread.State.TIMED_WAITING);
        CancelableContext soon;
        synchronized (timer) {
            Await.state(thread, Thread.State.BLOCKED); // idle, at the door
            soon = root.withTimeout(ofMillis(20));
        }
        assertDone(soon);
        assertThat(heldUntil(new CountDownLatch(0))).isSameAs(thread); // there is no second one
    }

    /** An interrupt that is not taken away ends every sleep at once. */
    @Test
    void sleepsAfterAnInterrupt() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Thread thread = heldUntil(new CountDownLatch(0));
        Await.state(thread, Thread.State.TIMED_WAITING);
        thread.interrupt();
        Context.background().sleep(ofMillis(50));
        long before = waits(thread);
        Context.background().sleep(ofMillis(200));
        assertThat(waits(thread) - before).isLessThan(5);
        late.close();
    }

    /** Whatever fails between the wheels and the contexts, the other deadlines stand. */
    @Test
    void survivesAFailureOfItsOwn() throws Exception {
        CancelableContext late = root.withTimeout(ofHours(1));
        Thread thread = heldUntil(new CountDownLatch(0));
        Await.state(thread, Thread.State.TIMED_WAITING);
        int other = (int) (Thread.currentThread().getId() + 1) & (timer.wheels.length - 1);
        TimerWheel wheel = timer.wheels[other];
        try (Warnings warnings = Warnings.record()) {
            timer.wheels[other] = null;
            LockSupport.unpark(thread);
            Await.until(() -> !warnings.thrown().isEmpty());
            timer.wheels[other] = wheel;
            assertThat(warnings.thrown()).hasAtLeastOneElementOfType(NullPointerException.class);
        }
        assertDone(root.withTimeout(ofMillis(20)));
        late.close();
    }

    /** One batch is ended in the order of the deadlines, from whichever wheels. */
    @Test
    void endsABatchInTheOrderOfTheDeadlines() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        heldUntil(release);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(30);
        long base = System.nanoTime();
        for (int i = 29; i >= 0; i--) {
            int number = i;
            Homes.run(i % 2, () -> root.withTimeout(
                            Duration.ofNanos(base + ofMillis(3_000 + 5 * number).toNanos() - System.nanoTime()))
                    .onDone(
                            () -> {
                                order.add(number);
                                done.countDown();
                            },
                            Runnable::run));
        }
        Context.background().sleep(ofMillis(3_300));
        release.countDown();
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(order).isSorted();
    }

    /** An unpark that is nobody's is not an idle time. */
    @Test
    void staysForTheIdleTimeThoughWokenForNothing() throws Exception {
        TimerThread slow = new TimerThread(ofSeconds(60).toNanos());
        Thread thread = heldUntil(new CountDownLatch(0), new RootContext("probe", null, slow));
        for (int i = 0; i < 5; i++) {
            Await.state(thread, Thread.State.TIMED_WAITING);
            LockSupport.unpark(thread);
            Context.background().sleep(ofMillis(20));
        }
        assertThat(thread.isAlive()).isTrue();
        thread.interrupt();
    }

    /** However many wheels become empty meanwhile. */
    @Test
    void isToldOncePerIdleTimeThoughAnotherWheelHasATimer() throws Exception {
        TimerThread slow = new TimerThread(ofSeconds(10).toNanos());
        Context slowRoot = new RootContext("slow", null, slow);
        Homes.run(Thread.currentThread().getId() ^ 1, () -> slowRoot.withTimeout(ofSeconds(100)));
        Thread thread = heldUntil(new CountDownLatch(0), slowRoot);
        Await.state(thread, Thread.State.TIMED_WAITING);
        long before = waits(thread);
        for (int i = 0; i < 200; i++) {
            slowRoot.withTimeout(ofSeconds(200)).close(); // empties this thread's wheel
            LockSupport.parkNanos(500_000);
        }
        assertThat(waits(thread) - before).isLessThan(10);
    }

    /** The first wheel with a batch that is due does not keep the others waiting. */
    @Test
    void noWheelStarvesAnother() throws Exception {
        int count = 1_000;
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch release = new CountDownLatch(1);
        heldUntil(release);
        CountDownLatch done = new CountDownLatch(2 * count);
        for (int wheel = 1; wheel >= 0; wheel--) { // those of wheel 1 are due first
            int w = wheel;
            Homes.run(wheel, () -> {
                for (int i = 0; i < count; i++) {
                    root.withTimeout(ofMillis(100))
                            .onDone(
                                    () -> {
                                        order.add("wheel " + w);
                                        done.countDown();
                                    },
                                    Runnable::run);
                }
            });
            Context.background().sleep(ofMillis(20));
        }
        Context.background().sleep(ofMillis(300));
        release.countDown();
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(order.indexOf("wheel 1")).isLessThan(128);
    }

    /** The timer thread, which stays in an action until {@code release}. */
    private Thread heldUntil(CountDownLatch release) throws Exception {
        return heldUntil(release, root);
    }

    private static Thread heldUntil(CountDownLatch release, Context root) throws Exception {
        Thread caller = Thread.currentThread();
        CompletableFuture<Thread> held = new CompletableFuture<>();
        root.withTimeout(ofMillis(100))
                .onDone(
                        () -> {
                            held.complete(Thread.currentThread());
                            if (Thread.currentThread() != caller) {
                                await(release);
                            }
                        },
                        Runnable::run);
        Thread found = held.get(10, TimeUnit.SECONDS);
        return found == caller ? heldUntil(release, root) : found; // where the timer was faster than the registration
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static long waits(Thread thread) {
        return ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId()).getWaitedCount();
    }

    private static void assertDone(Context context) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        context.onDone(done::countDown, Runnable::run);
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
