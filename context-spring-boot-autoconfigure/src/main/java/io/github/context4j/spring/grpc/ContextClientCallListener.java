package io.github.context4j.spring.grpc;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.Deadline;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.DependencyCall;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Ends the call to the dependency when gRPC closes it, and says in its status if a context is why. */
final class ContextClientCallListener<R> extends SimpleForwardingClientCallListener<R> {
    private final DependencyCall call;
    private final @Nullable Executor executor;
    private final Context.Registration timed;
    private volatile Context.@Nullable Registration abort;
    private volatile boolean closed;

    /** @param executor where gRPC calls back; null if it is not known, and not one that a caller waits in */
    ContextClientCallListener(ClientCall.Listener<R> listener, DependencyCall call, @Nullable Executor executor) {
        super(listener);
        this.call = call;
        this.executor = executor;
        this.timed = call.onDone(() -> {}); // how long the call goes on then is told from here
    }

    /** The call is on its way; {@code abort} is to be taken back when it is closed. */
    void started(Context.Registration abort) {
        this.abort = abort;
        if (closed) {
            abort.stop();
        }
    }

    void failed(Throwable failure) {
        if (!closed) {
            end(failure);
        }
    }

    @Override
    public void onHeaders(Metadata headers) {
        call.caller().run(() -> super.onHeaders(headers));
    }

    @Override
    public void onMessage(R message) {
        call.caller().run(() -> super.onMessage(message));
    }

    @Override
    public void onReady() {
        call.caller().run(super::onReady);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        Context context = call.context();
        Deadline deadline = context.deadline();
        if (saysThatItEnded(status) && !context.isDone() && deadline != null && Due.isIn(deadline.remaining())) {
            closeWhenDone(status, trailers);
        } else {
            close(status, trailers);
        }
    }

    /** Closes when the context has ended, so that it can be asked why. */
    void closeWhenDone(Status status, Metadata trailers) {
        Runnable close = () -> close(status, trailers);
        if (executor == null) {
            call.context().onDone(close);
        } else {
            call.context().onDone(close, executor);
        }
    }

    private void close(Status status, Metadata trailers) {
        Status exact = exact(status);
        end(exact.isOk() ? null : exact.asException());
        call.caller().run(() -> super.onClose(exact, trailers));
    }

    private void end(@Nullable Throwable failure) {
        closed = true;
        Context.Registration registration = abort;
        if (registration != null) {
            registration.stop();
        }
        timed.stop();
        call.end(failure);
    }

    private static boolean saysThatItEnded(Status status) {
        return status.getCode() == Status.Code.CANCELLED || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
    }

    private Status exact(Status status) {
        ContextException ended = saysThatItEnded(status) ? call.context().exception() : null;
        if (ended == null) {
            return status;
        }
        ended.addSuppressed(status.asException());
        Status base = ended instanceof DeadlineExceededException ? Status.DEADLINE_EXCEEDED : Status.CANCELLED;
        return base.withDescription(ended.getMessage()).withCause(ended);
    }
}
