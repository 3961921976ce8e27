package io.github.context4j.spring.aop;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.spring.NamedCall;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The result of a call that is complete when that of the method is, or when the call's context ends. */
final class CallStage<T> extends CompletableFuture<T> {
    private final CompletionStage<T> stage;

    CallStage(NamedCall call, CompletionStage<T> stage) {
        this.stage = stage;
        Context.Registration registration = call.context().onDone(() -> contextEnded(call));
        stage.whenComplete((value, failure) -> {
            registration.stop();
            complete(call, value, failure);
        });
    }

    private void contextEnded(NamedCall call) {
        ContextException ended = call.context().exception();
        call.end(ended);
        if (ended != null) {
            completeExceptionally(ended);
        }
        CallResults.cancel(stage);
    }

    private void complete(NamedCall call, T value, @Nullable Throwable failure) {
        // Ending the call closes its context, which is no reason for anything.
        ContextException ended =
                failure instanceof CancellationException ? call.context().exception() : null;
        call.end(failure);
        if (failure == null) {
            complete(value);
        } else {
            completeExceptionally(ended != null ? ended : failure);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean canceled = super.cancel(mayInterruptIfRunning);
        CallResults.cancel(stage);
        return canceled;
    }
}
