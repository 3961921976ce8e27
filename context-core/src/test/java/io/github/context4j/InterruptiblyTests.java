package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context.VoidOp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(60)
final class InterruptiblyTests {
    private final CancelableContext context = Context.background().withCancel();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void leavesNeitherAnInterruptNorAListener() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(Links.of(context)).isZero();
    }

    static Stream<Named<VoidOp<Exception>>> blockingOperations() {
        return Stream.of(
                Named.of("queue", () -> new LinkedBlockingQueue<String>().take()),
                Named.of("semaphore", () -> new Semaphore(0).acquire()),
                Named.of("latch", () -> new CountDownLatch(1).await()),
                Named.of("lock", () -> lockedByAnother().lockInterruptibly()),
                Named.of("monitor", InterruptiblyTests::waitForNotification),
                Named.of("channel", () -> Pipe.open().source().read(ByteBuffer.allocate(1))));
    }

    private static ReentrantLock lockedByAnother() throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        Thread owner = new Thread(lock::lock);
        owner.start();
        owner.join();
        return lock;
    }

    @SuppressWarnings({"WaitNotInLoop", "NakedNotify"}) // nobody notifies
    private static void waitForNotification() throws InterruptedException {
        Object monitor = new Object();
        synchronized (monitor) {
            monitor.wait();
        }
    }

    @ParameterizedTest
    @MethodSource("blockingOperations")
    void endsWithTheContext(VoidOp<Exception> operation) throws Exception {
        Thread waiter = Thread.currentThread();
        Thread canceler = new Thread(() -> {
            Await.until(() -> waiter.getState() != Thread.State.RUNNABLE || isReading(waiter));
            context.cancel();
        });

        assertThatThrownBy(() -> context.interruptibly(() -> {
                    canceler.start();
                    operation.run();
                    return "";
                }))
                .isInstanceOf(CanceledException.class)
                .satisfies(ended -> assertThat(ended.getSuppressed())
                        .singleElement()
                        .isInstanceOfAny(InterruptedException.class, ClosedByInterruptException.class));
        canceler.join();
    }

    /** A thread in a system call counts as runnable. */
    private static boolean isReading(Thread thread) {
        return Stream.of(thread.getStackTrace()).limit(3).anyMatch(frame -> frame.getMethodName()
                .startsWith("read"));
    }

    @Test
    void givesWhatTheOperationReturns() throws Exception {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        queue.add("value");

        assertThat(context.interruptibly(queue::take)).isEqualTo("value");
        assertThat(context.<@Nullable String, Exception>interruptibly(() -> null))
                .isNull();
        assertThat(Context.background().interruptibly(() -> "root")).isEqualTo("root");
    }

    @Test
    void throwsWhatTheOperationThrows() {
        IOException own = new IOException("its own");
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    throw own;
                }))
                .isSameAs(own);
    }

    @Test
    void doesNotStartUnderADoneContext() {
        context.cancel();
        AtomicInteger runs = new AtomicInteger();

        assertThatThrownBy(() -> context.interruptibly(runs::incrementAndGet)).isInstanceOf(CanceledException.class);

        assertThat(runs).hasValue(0);
    }

    @Test
    void leavesTheInterruptOfAnotherAsItIs() {
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    Thread.currentThread().interrupt();
                    return blocked();
                }))
                .isInstanceOf(InterruptedException.class);

        Thread.currentThread().interrupt();
        assertThat(context.<String, RuntimeException>interruptibly(() -> "not blocked"))
                .isEqualTo("not blocked");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void letsAValueWinThatCameAllTheSame() {
        String value = context.interruptibly(() -> {
            context.cancel();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return "value";
        });

        assertThat(value).isEqualTo("value");
    }

    @Test
    void letsAFailureThroughThatIsNoInterruption() {
        IllegalStateException own = new IllegalStateException("its own");
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    context.cancel();
                    throw own;
                }))
                .isSameAs(own);
    }

    @Test
    void findsItsInterruptWhereTheOperationWrappedIt() {
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    context.cancel();
                    try {
                        return blocked();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new UncheckedIOException(new IOException("interrupted", e));
                    }
                }))
                .isInstanceOf(CanceledException.class)
                .hasSuppressedException(new UncheckedIOException(new IOException("interrupted")));
    }

    @Test
    void takesTheInterruptOfAnotherThreadsTaskForAFailure() {
        ExecutionException failure = new ExecutionException(new InterruptedException("in a pool"));
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    context.cancel();
                    throw failure;
                }))
                .isSameAs(failure);
    }

    /** Both are in the flag when the operation notices; the exception is the other's. */
    @Test
    void keepsTheInterruptOfAnotherThatCameBeforeItsOwn() {
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    Thread.currentThread().interrupt();
                    context.cancel();
                    return blocked();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void keepsTheInterruptOfAnotherWhereTheOperationReturns() {
        String value = context.interruptibly(() -> {
            Thread.currentThread().interrupt();
            context.cancel();
            return "value";
        });

        assertThat(value).isEqualTo("value");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void keepsTheInterruptOfAnotherThatWasNoticedBeforeItsOwn() {
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    Thread.currentThread().interrupt();
                    try {
                        return blocked();
                    } finally {
                        context.cancel();
                    }
                }))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void interruptsEachOfTwoRegionsOfOneContext() {
        AtomicInteger inner = new AtomicInteger();
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    try {
                        return context.interruptibly(() -> {
                            context.cancel();
                            return blocked();
                        });
                    } catch (CanceledException e) {
                        inner.incrementAndGet();
                        return blocked();
                    }
                }))
                .isInstanceOf(CanceledException.class);

        assertThat(inner).hasValue(1);
    }

    @Test
    void leavesTheOuterRegionAloneWhenTheInnerContextEnds() throws Exception {
        CancelableContext child = context.withCancel();
        String value = context.interruptibly(() -> {
            assertThatThrownBy(() -> child.interruptibly(() -> {
                        child.cancel();
                        return blocked();
                    }))
                    .isInstanceOf(CanceledException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return "value";
        });

        assertThat(value).isEqualTo("value");
    }

    @Test
    void passesThroughAnInnerRegionWhenTheOuterContextEnds() {
        CancelableContext unrelated = Context.background().withCancel();
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    assertThatThrownBy(() -> unrelated.interruptibly(() -> {
                                context.cancel();
                                return blocked();
                            }))
                            .isInstanceOf(InterruptedException.class);
                    throw new InterruptedException("passed on");
                }))
                .isInstanceOf(CanceledException.class);
        assertThat(Links.of(unrelated)).isZero();
    }

    /** Leaving the inner region cannot tell whether the outer one's interrupt has been noticed, and sets the flag again. */
    @Test
    void findsItsInterruptWhereARegionInsideWasInterruptedToo() {
        CancelableContext inner = Context.background().withCancel();
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    InterruptedException noticed = inner.interruptibly(() -> {
                        context.cancel();
                        try {
                            throw new IllegalStateException(blocked());
                        } catch (InterruptedException e) {
                            inner.cancel();
                            return e;
                        }
                    });
                    throw noticed;
                }))
                .isInstanceOf(CanceledException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private static final class Round {
        final CancelableContext context = Context.background().withCancel();
        final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        volatile @Nullable String taken;
        volatile @Nullable Throwable thrown;
        volatile boolean flagged;

        void take() {
            try {
                taken = context.interruptibly(queue::take);
            } catch (Throwable t) {
                thrown = t;
            }
            flagged = Thread.interrupted();
        }
    }

    /** A value comes while the context ends: it is taken and returned, or it is still there. */
    @Test
    void neverLosesAValueThatWasTaken() {
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger left = new AtomicInteger();
        AtomicInteger rounds = new AtomicInteger();
        Race.run(
                Race.ROUNDS / 2,
                Round::new,
                round -> {
                    boolean valueFirst = rounds.incrementAndGet() % 2 == 0;
                    if (valueFirst) {
                        round.queue.add("value");
                    }
                    round.context.cancel();
                    if (!valueFirst) {
                        round.queue.add("value");
                    }
                },
                Round::take,
                round -> {
                    assertThat(round.queue.size() + (round.taken == null ? 0 : 1))
                            .isEqualTo(1);
                    if (round.taken == null) {
                        assertThat(round.thrown).isInstanceOf(CanceledException.class);
                        left.incrementAndGet();
                    } else {
                        taken.incrementAndGet();
                    }
                    assertThat(round.flagged).isFalse();
                });
        assertThat(taken).hasPositiveValue();
        assertThat(left).hasPositiveValue();
    }

    /** The operation is over when the context ends: the interrupt comes inside, or not at all. */
    @Test
    void neverInterruptsAThreadThatHasLeft() {
        AtomicInteger interruptedInside = new AtomicInteger();
        Race.run(
                Race.ROUNDS,
                () -> {
                    Round round = new Round();
                    round.queue.add("value");
                    return round;
                },
                round -> round.context.cancel(),
                round -> {
                    round.take();
                    if (round.thrown != null) {
                        interruptedInside.incrementAndGet();
                    }
                    for (int i = 0; i < 100 && !round.flagged; i++) {
                        round.flagged = Thread.interrupted();
                    }
                },
                round -> assertThat(round.flagged).isFalse());
        assertThat(interruptedInside).hasPositiveValue();
    }

    private String blocked() throws InterruptedException {
        never.await();
        return "never";
    }
}
