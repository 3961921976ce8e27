package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings({"MustBeClosed", "Interruption"})
@Timeout(60) // on the thread itself: what is left there is looked for after each test
final class InterruptMaskTests {
    private final CancelableContext context = Context.background().withCancel();

    @AfterEach
    void nothingIsLeftOnTheThread() {
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
        context.close();
    }

    @Test
    void anInterruptThatFallsDueMeanwhileComesWhenTheMaskGoes() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            try (InterruptMask mask = InterruptMask.open()) {
                context.cancel();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return true;
        });
    }

    @Test
    void theNextWaitAfterTheMaskIsInterrupted() {
        assertThatThrownBy(() -> context.interruptibly(() -> {
                    try (InterruptMask mask = InterruptMask.open()) {
                        context.cancel();
                    }
                    return new CountDownLatch(1).await(30, TimeUnit.SECONDS);
                }))
                .isInstanceOf(CanceledException.class);
    }

    @Test
    void anInterruptThatIsPendingIsTakenBackAndComesAgain() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            context.cancel();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            try (InterruptMask mask = InterruptMask.open()) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return true;
        });
    }

    @Test
    void anInterruptThatTheOperationHasTakenDoesNotComeAgain() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            context.cancel();
            assertThat(Thread.interrupted()).isTrue();
            try (InterruptMask mask = InterruptMask.open()) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return true;
        });
    }

    @Test
    void theInterruptOfAnotherComesThroughAndStays() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            try (InterruptMask mask = InterruptMask.open()) {
                Thread.currentThread().interrupt();
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                context.cancel();
            }
            return true;
        });
        assertThat(Thread.interrupted()).as("interrupt of another").isTrue();
    }

    @Test
    void theInterruptOfAnotherThatComesAfterOursWasTakenBackStays() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            context.cancel();
            try (InterruptMask mask = InterruptMask.open()) {
                Thread.currentThread().interrupt();
            }
            return true;
        });
        assertThat(Thread.interrupted()).as("interrupt of another").isTrue();
    }

    @Test
    void masksNest() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            try (InterruptMask outer = InterruptMask.open()) {
                try (InterruptMask inner = InterruptMask.open()) {
                    context.cancel();
                }
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return true;
        });
    }

    @Test
    void isOverAllRegionsThatItIsIn() {
        try (CancelableContext inner = context.withCancel()) {
            context.<Boolean, RuntimeException>interruptibly(
                    () -> inner.<Boolean, RuntimeException>interruptibly(() -> {
                        try (InterruptMask mask = InterruptMask.open()) {
                            context.cancel();
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        }
                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        return true;
                    }));
        }
    }

    @Test
    void aRegionInsideIsInterruptedAndWhatIsOutsideIsNot() {
        try (CancelableContext inner = context.withCancel()) {
            context.<Boolean, RuntimeException>interruptibly(() -> {
                try (InterruptMask mask = InterruptMask.open()) {
                    assertThatThrownBy(() -> inner.interruptibly(() -> {
                                context.cancel();
                                try (InterruptMask innermost = InterruptMask.open()) {
                                    assertThat(Thread.currentThread().isInterrupted())
                                            .isFalse();
                                }
                                Thread.sleep(30_000);
                                return true;
                            }))
                            .isInstanceOf(CanceledException.class);
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                }
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                return true;
            });
        }
    }

    /** As retries do, which interrupt their waits and not the attempts: what is outside of them goes on as it is. */
    @Test
    void isOverTheRegionsOfOneContextWhereThatIsWanted() {
        try (CancelableContext waits = Context.background().withCancel()) {
            assertThatThrownBy(() -> context.interruptibly(() -> waits.interruptibly(() -> {
                        try (InterruptMask mask = InterruptMask.open(waits)) {
                            waits.cancel();
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                            context.cancel();
                            return new CountDownLatch(1).await(30, TimeUnit.SECONDS);
                        }
                    })))
                    .isInstanceOf(CanceledException.class);
        }
    }

    @Test
    void aMaskOverOneContextLeavesThePendingInterruptOfAnother() {
        try (CancelableContext waits = Context.background().withCancel()) {
            context.<Boolean, RuntimeException>interruptibly(
                    () -> waits.<Boolean, RuntimeException>interruptibly(() -> {
                        waits.cancel();
                        context.cancel();
                        try (InterruptMask mask = InterruptMask.open(waits)) {
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        }
                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        return true;
                    }));
        }
    }

    /** What is not masked is not taken for somebody else's interrupt when the mask goes. */
    @Test
    void theInterruptOfAnotherRegionUnderAMaskOverOneContextIsNoForeignOne() {
        try (CancelableContext waits = Context.background().withCancel()) {
            context.<Boolean, RuntimeException>interruptibly(
                    () -> waits.<Boolean, RuntimeException>interruptibly(() -> {
                        waits.cancel();
                        try (InterruptMask mask = InterruptMask.open(waits)) {
                            context.cancel();
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        }
                        return true;
                    }));
        }
    }

    @Test
    void aMaskOverAllIsOverThoseOutsideOfOneThatIsMaskedToo() {
        try (CancelableContext waits = Context.background().withCancel()) {
            context.<Boolean, RuntimeException>interruptibly(
                    () -> waits.<Boolean, RuntimeException>interruptibly(() -> {
                        try (InterruptMask attempt = InterruptMask.open(waits)) {
                            try (InterruptMask driver = InterruptMask.open()) {
                                context.cancel();
                                waits.cancel();
                                assertThat(Thread.currentThread().isInterrupted())
                                        .isFalse();
                            }
                            assertThat(Thread.interrupted()).isTrue();
                        }
                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                        return true;
                    }));
        }
    }

    @Test
    void aMaskOverAContextThatHasNoRegionCostsNothing() {
        context.<Boolean, RuntimeException>interruptibly(() -> {
            try (InterruptMask mask = InterruptMask.open(Context.background());
                    InterruptMask all = InterruptMask.open();
                    InterruptMask none = InterruptMask.open()) {
                assertThat(mask).isSameAs(none).isNotSameAs(all);
            }
            return true;
        });
    }

    @Test
    void costsNothingWhereThereIsNoRegion() {
        try (InterruptMask mask = InterruptMask.open();
                InterruptMask other = InterruptMask.open()) {
            assertThat(mask).isSameAs(other);
            Thread.currentThread().interrupt();
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    /** Works behind one mask after the other until its context ends. */
    private static final class Masked {
        final CancelableContext context = Context.background().withCancel();
        boolean seenUnderAMask;
        boolean left;

        void work() {
            try {
                context.<Boolean, RuntimeException>interruptibly(() -> {
                    while (!context.isDone()) {
                        mask();
                    }
                    mask();
                    return true;
                });
            } catch (CanceledException before) {
                // It ended before it began.
            }
            left = Thread.interrupted();
        }

        private void mask() {
            try (InterruptMask mask = InterruptMask.open()) {
                for (int i = 0; i < 20; i++) {
                    seenUnderAMask |= Thread.currentThread().isInterrupted();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.context4j.ThreadKind#available")
    void noInterruptIsSeenUnderAMaskWheneverItIsSent(ThreadKind kind) {
        Race.run(kind, Race.ROUNDS, Masked::new, masked -> masked.context.cancel(), Masked::work, masked -> {
            assertThat(masked.seenUnderAMask).as("interrupted under a mask").isFalse();
            assertThat(masked.left).as("interrupt left").isFalse();
        });
    }

    /**
     * An outer region is interrupted while those inside of it send, mask and settle all the time: what it finds in the flag
     * is theirs, and must not be taken for somebody else's, which would be left on the thread.
     */
    private static final class Outer {
        final CancelableContext context = Context.background().withCancel();
        private final boolean masking;
        boolean left;

        Outer(boolean masking) {
            this.masking = masking;
        }

        void work() {
            try {
                context.<Boolean, RuntimeException>interruptibly(() -> {
                    while (!context.isDone()) {
                        inside();
                    }
                    return true;
                });
            } catch (CanceledException before) {
                // It ended before it began.
            }
            left = Thread.interrupted();
        }

        private void inside() {
            try (CancelableContext inner = Context.background().withCancel()) {
                inner.<Boolean, RuntimeException>interruptibly(() -> {
                    inner.cancel();
                    return !masking || masked(inner);
                });
            }
        }

        private static boolean masked(Context inner) {
            for (int i = 0; i < 5; i++) {
                try (InterruptMask mask = InterruptMask.open(inner)) {
                    Thread.onSpinWait();
                }
            }
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theInterruptOfARegionInsideIsNotTakenForSomebodyElses(boolean masking) {
        Race.run(
                Race.ROUNDS / 2,
                () -> new Outer(masking),
                outer -> outer.context.cancel(),
                Outer::work,
                outer -> assertThat(outer.left).as("interrupt left").isFalse());
    }
}
