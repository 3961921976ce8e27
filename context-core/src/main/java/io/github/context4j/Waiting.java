package io.github.context4j;

import io.github.context4j.Context.Registration;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Waits for the end of a context, and for other things until then. */
final class Waiting {
    private Waiting() {}

    static void awaitDone(BaseContext context) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        Registration registration = context.onDone(done::countDown, Runnable::run);
        try {
            done.await();
        } finally {
            registration.stop();
        }
    }

    /** Sleeps by the context's own clock, so that a test's time wakes it. */
    static void sleep(BaseContext context, Duration time) throws InterruptedException {
        try (CancelableContext nap = context.withTimeout(time)) {
            nap.awaitDone();
        }
        context.throwIfDone();
    }

    static <T extends @Nullable Object> T await(BaseContext context, Future<T> future)
            throws ExecutionException, InterruptedException {
        if (!future.isDone()) {
            try {
                InterruptRegion.<Boolean, InterruptedException>call(context, () -> isCompleted(future));
            } catch (ContextException ended) {
                if (!future.isDone()) {
                    throw ended;
                }
                // It completed while we were on our way out.
            }
        }
        return future.get();
    }

    /** Waits until {@code future} is completed, in whichever way. */
    private static boolean isCompleted(Future<?> future) throws InterruptedException {
        try {
            future.get();
        } catch (ExecutionException | CancellationException failed) {
            // Whoever waits asks again.
        }
        return true;
    }

    static void cancelOnDone(BaseContext context, Future<?> future) {
        if (context.owner() == null || future.isDone()) {
            return;
        }
        Registration registration = context.onDone(() -> future.cancel(true));
        if (future instanceof CompletionStage<?> stage) {
            stage.whenComplete((value, failure) -> registration.stop());
        }
    }
}
