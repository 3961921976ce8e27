package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.VoidOp;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Somebody else's interrupt is seen once, as an exception or in the flag, whatever the context does meanwhile. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ForeignInterruptTests {
    private static final int ROUNDS = Race.ROUNDS / 25;

    private final AtomicInteger asException = new AtomicInteger();
    private final AtomicInteger inFlag = new AtomicInteger();
    private final AtomicInteger canceled = new AtomicInteger();
    private final AtomicInteger merged = new AtomicInteger();

    private interface Wait {
        void on(Context context) throws Exception;
    }

    private static Wait interruptibly(VoidOp<Exception> blocking) {
        return context -> context.interruptibly(() -> {
            blocking.run();
            return "";
        });
    }

    static Stream<Arguments> waits() {
        return ThreadKind.available().stream().flatMap(kind -> Stream.<Named<Wait>>of(
                        Named.of("interruptibly", interruptibly(() -> new CountDownLatch(1).await())),
                        Named.of("interruptibly with an end", interruptibly(() -> {
                            boolean over = new CountDownLatch(1).await(1, TimeUnit.MICROSECONDS);
                            assertThat(over).isFalse();
                        })),
                        Named.of("await", context -> context.await(new CompletableFuture<>())),
                        Named.of("sleep", context -> context.sleep(Duration.ofHours(1))),
                        Named.of("awaitDone", Context::awaitDone))
                .map(wait -> Arguments.of(kind, wait)));
    }

    /** Fewer where each change of threads takes its time. */
    private static int rounds(ThreadKind kind) {
        return kind == ThreadKind.VIRTUAL ? ROUNDS / 3 : ROUNDS;
    }

    /** One wait; the waiter gives the others its thread, and stays until the interrupt has been sent. */
    private static final class Round {
        final CancelableContext context = Context.background().withCancel();
        volatile @Nullable Thread waiter;
        volatile @Nullable Throwable thrown;
        volatile boolean left;
        volatile boolean interruptSent;
        volatile boolean leftWhenSent;
        volatile boolean flagged;

        void await(Wait wait) {
            waiter = Thread.currentThread();
            try {
                wait.on(context);
            } catch (Throwable t) {
                thrown = t;
            }
            left = true;
            Await.until(() -> interruptSent);
            flagged = Thread.interrupted();
        }

        void interrupt() {
            Await.until(() -> waiter != null);
            spin();
            leftWhenSent = left;
            waiter.interrupt();
            interruptSent = true;
        }

        void cancel() {
            spin();
            context.cancel();
        }

        private static void spin() {
            for (int spins = ThreadLocalRandom.current().nextInt(2_000); spins > 0; spins--) {
                Thread.onSpinWait();
            }
        }

        int seen() {
            return (thrown instanceof InterruptedException ? 1 : 0) + (flagged ? 1 : 0);
        }
    }

    private void count(Round round) {
        asException.addAndGet(round.thrown instanceof InterruptedException ? 1 : 0);
        inFlag.addAndGet(round.flagged ? 1 : 0);
        canceled.addAndGet(round.thrown instanceof CanceledException ? 1 : 0);
        if (round.thrown != null) {
            assertThat(round.thrown).isInstanceOfAny(InterruptedException.class, CanceledException.class);
        }
        Await.until(() -> Links.of(round.context) == 0); // whoever cancels may be at it still
    }

    @ParameterizedTest
    @MethodSource("waits")
    void isSeenOnceWhereTheContextGoesOn(ThreadKind kind, Wait wait) {
        Race.run(kind, rounds(kind), Round::new, Round::interrupt, round -> round.await(wait), round -> {
            assertThat(round.seen()).isEqualTo(1);
            assertThat(round.thrown instanceof ContextException).isFalse();
            count(round);
        });
        assertThat(asException.get() + inFlag.get()).isEqualTo(rounds(kind));
    }

    /** Ours comes right after it: in the flag they become one, and it is the other's that stays. */
    @ParameterizedTest
    @MethodSource("waits")
    void isSeenOnceWhereTheContextEndsAfterIt(ThreadKind kind, Wait wait) {
        Race.run(
                kind,
                rounds(kind),
                Round::new,
                round -> {
                    round.interrupt();
                    round.context.cancel();
                },
                round -> round.await(wait),
                round -> {
                    assertThat(round.seen()).isEqualTo(1);
                    count(round);
                });
        assertThat(asException.get() + inFlag.get()).isEqualTo(rounds(kind));
    }

    /**
     * From a third thread, in any order. One that comes after ours, while the wait is still inside, may be taken back with it,
     * since a thread has one flag; one that comes when the wait is over may not.
     */
    @ParameterizedTest
    @MethodSource("waits")
    void isNeverSeenTwiceAndNeverTakenFromWhoeverHasLeft(ThreadKind kind, Wait wait) {
        Race.run(
                kind,
                rounds(kind) / 2,
                () -> {
                    Round round = new Round();
                    cancelMeanwhile(round);
                    return round;
                },
                Round::interrupt,
                round -> round.await(wait),
                round -> {
                    Await.until(round.context::isDone);
                    assertThat(round.seen()).isLessThanOrEqualTo(1);
                    if (round.seen() == 0) {
                        assertThat(round.leftWhenSent).isFalse();
                        assertThat(round.thrown == null || round.thrown instanceof CanceledException)
                                .isTrue();
                        merged.incrementAndGet();
                    }
                    count(round);
                });
        assertThat(asException.get() + inFlag.get() + merged.get()).isEqualTo(rounds(kind) / 2);
    }

    /** On a thread of the library, which is a third one. */
    private static void cancelMeanwhile(Round round) {
        LibraryExecutor.INSTANCE.execute(() -> {
            Await.until(() -> round.waiter != null);
            round.cancel();
        });
    }
}
