package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.VoidOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that waits under a context ends soon after it, on each kind of thread, and leaves nothing behind. The goal is a
 * millisecond; what is asserted leaves room for a busy machine, and would still notice a wait that polls now and then.
 */
@SuppressWarnings({"MustBeClosed", "WaitNotInLoop"}) // nobody notifies
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PromptWaitTests {
    private static final int TRIES = 50;
    private static final long CEILING_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long MEDIAN_CEILING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Waits under the context that it is given, for what never comes. */
    private interface Wait {
        void on(Context context) throws Exception;
    }

    private static Wait interruptibly(VoidOp<Exception> blocking) {
        return context -> context.interruptibly(() -> {
            blocking.run();
            return "";
        });
    }

    private static Map<String, Wait> waits() {
        Map<String, Wait> waits = new LinkedHashMap<>();
        ReentrantLock held = heldByAnother();
        ReentrantLock free = new ReentrantLock();
        Condition never = free.newCondition();
        ArrayBlockingQueue<String> full = new ArrayBlockingQueue<>(1, false, List.of("full"));
        waits.put("queue take", interruptibly(() -> new LinkedBlockingQueue<String>().take()));
        waits.put("queue poll", interruptibly(() -> new LinkedBlockingQueue<String>().poll(1, TimeUnit.HOURS)));
        waits.put("queue put", interruptibly(() -> full.put("more")));
        waits.put("hand-over", interruptibly(() -> new SynchronousQueue<String>().put("more")));
        waits.put("semaphore", interruptibly(() -> new Semaphore(0).acquire()));
        waits.put("lock", interruptibly(held::lockInterruptibly));
        waits.put("lock with a time", interruptibly(() -> held.tryLock(1, TimeUnit.HOURS)));
        waits.put("condition", interruptibly(() -> {
            free.lockInterruptibly();
            try {
                never.await();
            } finally {
                free.unlock();
            }
        }));
        waits.put("latch", interruptibly(() -> new CountDownLatch(1).await()));
        waits.put("barrier", interruptibly(() -> new CyclicBarrier(2).await()));
        waits.put("sleep of the JDK", interruptibly(() -> TimeUnit.HOURS.sleep(1)));
        waits.put("future get", interruptibly(() -> new FutureTask<>(() -> "").get()));
        waits.put("join", interruptibly(() -> Thread.currentThread().join()));
        waits.put("sleep", context -> context.sleep(java.time.Duration.ofHours(1)));
        waits.put("await", context -> context.await(new FutureTask<>(() -> "")));
        waits.put("await completable", context -> context.await(new CompletableFuture<>()));
        waits.put("awaitDone", context -> {
            context.awaitDone();
            context.throwIfDone();
        });
        return waits;
    }

    private static ReentrantLock heldByAnother() {
        ReentrantLock lock = new ReentrantLock();
        Thread owner = new Thread(lock::lock);
        owner.start();
        Await.until(lock::isLocked);
        return lock;
    }

    static Stream<Arguments> waitsOnThreads() {
        return ThreadKind.available().stream().flatMap(kind -> waits().entrySet().stream()
                .map(wait -> Arguments.of(kind, Named.of(wait.getKey(), wait.getValue()))));
    }

    /** One thread waits {@link #TRIES} times; between two waits it is as it was before the first. */
    private static final class Waiter implements Runnable {
        private final Wait wait;
        volatile CancelableContext context = Context.background().withCancel();
        volatile long left;
        final AtomicReference<Throwable> wrong = new AtomicReference<>();

        Waiter(Wait wait) {
            this.wait = wait;
        }

        @Override
        public void run() {
            for (int i = 0; i < TRIES; i++) {
                CancelableContext mine = context;
                try {
                    wait.on(mine);
                    wrong.set(new AssertionError("has not thrown"));
                } catch (CanceledException expected) {
                    if (expected.getCause() != null) {
                        wrong.set(expected);
                    }
                } catch (Throwable t) {
                    wrong.set(t);
                }
                left = System.nanoTime();
                if (Thread.interrupted() || Links.of(mine) != 0 || CurrentContext.get() != null) {
                    wrong.set(new AssertionError("leaves something"));
                }
                context = Context.background().withCancel();
            }
        }
    }

    @ParameterizedTest(name = "{1}, {0}")
    @MethodSource("waitsOnThreads")
    void endSoonAfterTheContextAndLeaveNothing(ThreadKind kind, Wait wait) {
        Waiter waiter = new Waiter(wait);
        Thread thread = kind.start(waiter);
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < TRIES; i++) {
            CancelableContext context = waiter.context;
            Await.until(() -> Links.of(context) > 0 && waits(thread));
            long canceled = System.nanoTime();
            context.cancel();
            Await.until(() -> waiter.context != context);
            nanos.add(waiter.left - canceled);
        }

        assertThat(waiter.wrong).hasNullValue();
        Collections.sort(nanos);
        assertThat(nanos.get(TRIES - 1)).isLessThan(CEILING_NANOS);
        assertThat(nanos.get(TRIES / 2)).isLessThan(MEDIAN_CEILING_NANOS);
    }

    private static boolean waits(Thread thread) {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }
}
