package io.github.context4j.spring.aop;

import io.github.context4j.Context;
import io.github.context4j.spring.NamedCall;
import java.lang.reflect.Method;
import java.lang.reflect.TypeVariable;
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
     * @param method whose declared result may or may not be satisfied by a future of ours
     */
    @SuppressWarnings("FutureReturnValueIgnored") // it is returned
    static @Nullable Object of(NamedCall call, @Nullable Object result, Method method) {
        Class<?> type = method.getReturnType();
        if (result instanceof CompletionStage<?> stage) {
            boolean ours = type.isAssignableFrom(CompletableFuture.class)
                    && (!isErased(method) || result.getClass() == CompletableFuture.class);
            return ours && call.cancels() ? new CallStage<>(call, stage) : watched(call, stage);
        }
        if (result instanceof Future<?> future
                && !future.isDone()
                && type.isAssignableFrom(CallFuture.class)
                && !isErased(method)
                && call.cancels()
                && call.context().deadline() != null) { // it ends some day, even if nobody asks for the result
            return new CallFuture<>(call, future);
        }
        call.end(null);
        return result;
    }

    /** Whether who calls the method may expect another type than the method's own, and would fail to cast ours to it. */
    private static boolean isErased(Method method) {
        return method.getReturnType() == Object.class || method.getGenericReturnType() instanceof TypeVariable<?>;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it is returned
    private static CompletionStage<?> watched(NamedCall call, CompletionStage<?> stage) {
        Context.Registration registration = call.cancels() ? call.context().onDone(() -> end(call, stage)) : null;
        stage.whenComplete((value, failure) -> {
            if (registration != null) {
                registration.stop();
            }
            call.end(failure);
        });
        return stage;
    }

    private static void end(NamedCall call, CompletionStage<?> stage) {
        cancel(stage);
        call.end(call.context().exception());
    }

    static void cancel(Object pending) {
        if (pending instanceof Future<?> future) {
            future.cancel(true);
        }
    }
}
