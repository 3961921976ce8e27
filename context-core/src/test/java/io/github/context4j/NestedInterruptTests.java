package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Regions of interruption inside one another whose contexts end both, before the operation has noticed either. */
@SuppressWarnings("MustBeClosed")
final class NestedInterruptTests {
    private final CancelableContext outer = Context.background().withCancel();
    private final CancelableContext inner = outer.withCancel();

    @AfterEach
    void nothingIsLeftOnTheThread() {
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
    }

    private void inBoth(Runnable operation) {
        outer.<Boolean, RuntimeException>interruptibly(() -> inner.<Boolean, RuntimeException>interruptibly(() -> {
            operation.run();
            return true;
        }));
    }

    @Test
    void leavesNothingWhenTheInnerEndsFirst() {
        inBoth(() -> {
            inner.cancel();
            outer.cancel();
        });
    }

    @Test
    void leavesNothingWhenTheOuterEnds() {
        inBoth(outer::cancel);
    }

    @Test
    void keepsTheInterruptOfAnotherThatCameBefore() {
        inBoth(() -> {
            Thread.currentThread().interrupt();
            inner.cancel();
            outer.cancel();
        });
        assertThat(Thread.interrupted()).as("interrupt of another").isTrue();
    }

    @Test
    void keepsTheInterruptOfAnotherThatCameBeforeTheOuterEnded() {
        inBoth(() -> {
            Thread.currentThread().interrupt();
            outer.cancel();
        });
        assertThat(Thread.interrupted()).as("interrupt of another").isTrue();
    }
}
