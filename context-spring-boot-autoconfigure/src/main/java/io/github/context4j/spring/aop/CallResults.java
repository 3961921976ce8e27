package io.github.context4j.spring.aop;

import io.github.context4j.Context;
import io.github.context4j.spring.NamedCall;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Ends a call when its result is there. */
final class CallResults {
    private CallResults() {}

    /**
     * What the caller gets.
     *
     * @param type the declared one, which may or may not be satisfied by a future of ours
     */
    @SuppressWarnings("FutureReturnValueIgnored") // it is returned
    static @Nullable Object of(NamedCall call, @Nullable Object result, Class<?> type) {
        if (result instanceof CompletionStage<?> stage) {
            return type.isAssignableFrom(CompletableFuture.class) ? new CallStage<>(call, stage) : watched(call, stage);
        }
        if (result instanceof Future<?> future
                && !future.isDone()
                && type.isAssignableFrom(CallFuture.class)
                && call.context().deadline() != null) { // it ends some day, even if nobody asks for the result
            return new CallFuture<>(call, future);
        }
        call.end(null);
        return result;
    }

    private static CompletionStage<?> watched(NamedCall call, CompletionStage<?> stage) {
        Context.Registration registration = call.context().onDone(() -> {
            cancel(stage);
            call.end(call.context().exception());
        });
        stage.whenComplete((value, failure) -> {
            registration.stop();
            call.end(failure);
        });
        return stage;
    }

    static void cancel(Object pending) {
        if (pending instanceof Future<?> future) {
            future.cancel(true);
        }
    }
}
