package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.VoidOp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a wait was for comes while the context ends: it is taken and reported, or it is still there. */
@SuppressWarnings("MustBeClosed")
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LostNothingTests {
    private static final int ROUNDS = Race.ROUNDS / 5;

    private final AtomicInteger got = new AtomicInteger();
    private final AtomicInteger canceled = new AtomicInteger();
    private int turn;

    static List<ThreadKind> threads() {
        return ThreadKind.available();
    }

    @AfterEach
    void bothHaveHappened() {
        assertThat(got).hasPositiveValue();
        assertThat(canceled).hasPositiveValue();
    }

    /** A wait under a context, and how it came out. */
    private static final class Round {
        final CancelableContext context = Context.background().withCancel();
        final Semaphore semaphore = new Semaphore(0);
        final ReentrantLock lock = new ReentrantLock();
        final SynchronousQueue<String> handOver = new SynchronousQueue<>();
        final CompletableFuture<String> future = new CompletableFuture<>();
        volatile boolean got;
        volatile @Nullable String received;
        volatile @Nullable Throwable thrown;
        volatile boolean interrupted;
        volatile boolean over;

        void await(VoidOp<Exception> wait) {
            try {
                wait.run();
                got = true;
            } catch (Throwable t) {
                thrown = t;
            }
            interrupted = Thread.interrupted();
            over = true;
        }

        void awaitInterruptibly(VoidOp<Exception> operation) {
            await(() -> context.interruptibly(() -> {
                operation.run();
                return "";
            }));
        }
    }

    private void count(Round round) {
        assertThat(round.interrupted).isFalse();
        assertThat(Links.of(round.context)).isZero();
        if (round.got) {
            got.incrementAndGet();
        } else {
            assertThat(round.thrown).isInstanceOf(CanceledException.class);
            canceled.incrementAndGet();
        }
    }

    /** Fewer where each change of threads takes its time. */
    private static int rounds(ThreadKind kind) {
        return kind == ThreadKind.VIRTUAL ? ROUNDS / 3 : ROUNDS;
    }

    /** In turns first the one, then the other, close to each other; at times the wait is over before the second. */
    private void inTurns(Round round, Runnable one, Runnable other) {
        int pair = ++turn / 2; // the race takes turns by itself, with every round
        boolean swapped = pair % 2 == 0;
        (swapped ? other : one).run();
        if (pair % 16 < 2) {
            Await.until(() -> round.over);
        } else {
            spin(1_000);
        }
        (swapped ? one : other).run();
    }

    private static void spin(int most) {
        for (int spins = ThreadLocalRandom.current().nextInt(most); spins > 0; spins--) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @MethodSource("threads")
    void ofThePermitsOfASemaphore(ThreadKind kind) {
        Race.run(
                kind,
                rounds(kind),
                Round::new,
                round -> inTurns(round, round.context::cancel, round.semaphore::release),
                round -> round.awaitInterruptibly(round.semaphore::acquire),
                round -> {
                    assertThat(round.semaphore.availablePermits() + (round.got ? 1 : 0))
                            .isEqualTo(1);
                    count(round);
                });
    }

    @ParameterizedTest
    @MethodSource("threads")
    void ofALock(ThreadKind kind) {
        AtomicInteger wrong = new AtomicInteger();
        Race.run(
                kind,
                rounds(kind),
                () -> {
                    Round round = new Round();
                    round.lock.lock();
                    return round;
                },
                round -> inTurns(round, round.context::cancel, round.lock::unlock),
                round -> {
                    round.awaitInterruptibly(round.lock::lockInterruptibly);
                    if (round.lock.isHeldByCurrentThread() != round.got) {
                        wrong.incrementAndGet();
                    }
                    if (round.got) {
                        round.lock.unlock();
                    }
                },
                round -> {
                    assertThat(wrong).hasValue(0);
                    assertThat(round.lock.isLocked()).isFalse();
                    count(round);
                });
    }

    /** The giver waits under the context; what it gave has been received if, and only if, it says so. */
    @ParameterizedTest
    @MethodSource("threads")
    void ofWhatIsHandedOver(ThreadKind kind) {
        Race.run(
                kind,
                rounds(kind),
                Round::new,
                round -> {
                    spin(200);
                    round.received = round.handOver.poll();
                    round.context.cancel();
                },
                round -> round.awaitInterruptibly(() -> round.handOver.put("given")),
                round -> {
                    assertThat(round.received != null).isEqualTo(round.got);
                    count(round);
                });
    }

    @ParameterizedTest
    @MethodSource("threads")
    void ofTheValueOfAFuture(ThreadKind kind) {
        Race.run(
                kind,
                rounds(kind),
                Round::new,
                round -> inTurns(round, round.context::cancel, () -> round.future.complete("value")),
                round -> round.await(() -> round.received = round.context.await(round.future)),
                round -> {
                    assertThat(round.received).isEqualTo(round.got ? "value" : null);
                    assertThat(round.future.getNumberOfDependents()).isZero();
                    count(round);
                });
    }

    /** A stream of items, and a stream of cancels that hit the waits for them at random. */
    @ParameterizedTest
    @MethodSource("threads")
    void ofTheItemsOfAQueue(ThreadKind kind) throws Exception {
        int items = Race.STRESS ? 1_000_000 : 10_000;
        BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
        AtomicReference<@Nullable CancelableContext> waiting = new AtomicReference<>();
        CompletableFuture<Void> over = new CompletableFuture<>();
        Thread canceler = ThreadKind.PLATFORM.start(() -> cancelAtRandom(waiting, over));
        Thread producer = ThreadKind.PLATFORM.start(() -> produce(items, queue));
        List<Integer> taken = kind.call(() -> consume(items, queue, waiting));
        over.complete(null);
        producer.join();
        canceler.join();

        assertThat(queue).isEmpty();
        assertThat(taken)
                .containsExactlyElementsOf(IntStream.range(0, items).boxed().toList());
        got.set(taken.size());
    }

    private static void produce(int items, BlockingQueue<Integer> queue) {
        for (int i = 0; i < items; i++) {
            spin(100);
            queue.add(i);
            Await.until(() -> queue.size() < 4); // so that the consumer waits, time and again
        }
    }

    private static void cancelAtRandom(
            AtomicReference<@Nullable CancelableContext> waiting, CompletableFuture<Void> over) {
        while (!over.isDone()) {
            Await.until(() -> waiting.get() != null || over.isDone());
            CancelableContext context = waiting.getAndSet(null);
            spin(300);
            if (context != null) {
                context.cancel();
            }
        }
    }

    /** A lost item would be missing in front of the next one; if the last is lost, the wait is over without it. */
    private List<Integer> consume(
            int items, BlockingQueue<Integer> queue, AtomicReference<@Nullable CancelableContext> waiting)
            throws InterruptedException {
        List<Integer> taken = new ArrayList<>();
        int last = -1;
        while (last < items - 1) {
            CancelableContext context = Context.background().withCancel();
            waiting.set(context);
            try {
                Integer item = context.interruptibly(() -> queue.poll(20, TimeUnit.SECONDS));
                if (item == null) {
                    break;
                }
                taken.add(item);
                last = item;
            } catch (CanceledException expected) {
                canceled.incrementAndGet();
            }
            assertThat(Thread.interrupted()).isFalse();
        }
        return taken;
    }
}
