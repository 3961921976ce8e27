package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The moment in which a thread leaves {@code interruptibly} while the interrupt is about to be sent to it. */
@SuppressWarnings("MustBeClosed")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class InterruptLeavingTests {
    private static final long LEAVING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final CancelableContext context = Context.background().withCancel();
    private final CompletableFuture<Boolean> flagged = new CompletableFuture<>();

    /** Returns from its operation when the other is about to interrupt it, and is given the time to leave before. */
    private final class Leaving extends Thread {
        private final Runnable operation;
        private final CountDownLatch looking = new CountDownLatch(1);
        private final CountDownLatch sent = new CountDownLatch(1);
        private volatile boolean ran;
        private volatile boolean left;

        Leaving(Runnable operation) {
            super("leaving");
            this.operation = operation;
        }

        @Override
        public void run() {
            context.<String, RuntimeException>interruptibly(() -> {
                Await.until(() -> looking.getCount() == 0);
                operation.run();
                ran = true;
                return "value";
            });
            left = true;
            Await.until(() -> sent.getCount() == 0);
            flagged.complete(Thread.interrupted());
        }

        /** What the sender asks before it interrupts; it goes on when the thread has left, or waits to be able to. */
        @Override
        public boolean isInterrupted() {
            if (Thread.currentThread() != this) {
                looking.countDown();
                long start = System.nanoTime();
                while (!left && !(ran && getState() == State.WAITING) && System.nanoTime() - start < LEAVING_NANOS) {
                    Thread.onSpinWait();
                }
            }
            return super.isInterrupted();
        }
    }

    private boolean isFlaggedAfterLeaving(Runnable operation) throws Exception {
        Leaving thread = new Leaving(operation);
        thread.start();
        Await.until(() -> Links.of(context) > 0);
        context.cancel();
        thread.sent.countDown();
        return flagged.get(20, TimeUnit.SECONDS);
    }

    @Test
    void endsWhenTheInterruptHasBeenSentAndTakenBack() throws Exception {
        assertThat(isFlaggedAfterLeaving(() -> {})).isFalse();
    }

    @Test
    void keepsTheInterruptOfAnotherThatCameBefore() throws Exception {
        assertThat(isFlaggedAfterLeaving(() -> Thread.currentThread().interrupt()))
                .isTrue();
    }
}
