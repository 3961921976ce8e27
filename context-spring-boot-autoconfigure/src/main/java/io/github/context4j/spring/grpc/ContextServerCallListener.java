package io.github.context4j.spring.grpc;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;

/** Calls the service under the context of its call. gRPC calls one method at a time. */
final class ContextServerCallListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ContextServerCall<Q, ?> call;
    private final ServerCallContext context;
    /** Whether the call was closed for the service, which is then called no more. */
    private boolean answered;

    ContextServerCallListener(ServerCall.Listener<Q> service, ContextServerCall<Q, ?> call, ServerCallContext context) {
        super(service);
        this.call = call;
        this.context = context;
    }

    @Override
    public void onMessage(Q message) {
        run(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
        run(super::onHalfClose);
    }

    @Override
    public void onReady() {
        run(super::onReady);
    }

    private void run(Runnable callback) {
        if (answered) {
            return;
        }
        Context previous = CurrentContext.exchange(context.context());
        try {
            if (!call.isClosed()) {
                context.context().throwIfDone();
            }
            callback.run();
        } catch (Throwable failure) {
            answered = call.answer(failure);
            if (!answered) {
                throw failure;
            }
        } finally {
            CurrentContext.exchange(previous);
        }
    }

    @Override
    public void onCancel() {
        context.cutShort(); // gRPC's context says so, too, on another thread
        finish(super::onCancel);
    }

    @Override
    public void onComplete() {
        finish(super::onComplete);
    }

    private void finish(Runnable callback) {
        Context afterwards = context.afterwards();
        Context previous = CurrentContext.exchange(afterwards);
        try {
            callback.run();
        } finally {
            CurrentContext.exchange(previous);
            if (afterwards instanceof CancelableContext timed) {
                timed.close();
            }
            context.end();
        }
    }
}
