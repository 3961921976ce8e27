package io.github.context4j.spring.grpc;

import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.Deadline;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call that begins, as a call to a dependency, when it is started. It is made only then, too: what is made and never started
 * tells nobody that it is over.
 */
final class ContextClientCall<Q, R> extends ForwardingClientCall<Q, R> {
    private final DependencyCalls calls;
    private final Dependency dependency;
    private final MethodDescriptor<Q, R> method;
    private final CallOptions options;
    private final Channel next;
    private volatile @Nullable ClientCall<Q, R> delegate;
    private volatile boolean aborted;

    ContextClientCall(
            DependencyCalls calls,
            Dependency dependency,
            MethodDescriptor<Q, R> method,
            CallOptions options,
            Channel next) {
        this.calls = calls;
        this.dependency = dependency;
        this.method = method;
        this.options = options;
        this.next = next;
    }

    @Override
    protected ClientCall<Q, R> delegate() {
        ClientCall<Q, R> known = delegate;
        if (known == null) {
            known = next.newCall(method, options);
            delegate = known;
        }
        return known;
    }

    @Override
    public void start(Listener<R> listener, Metadata headers) {
        if (delegate != null || CurrentContext.get() == null) {
            delegate().start(listener, headers); // if it is there, it was canceled before
            return;
        }
        DependencyCall begun = calls.begin(dependency, method.getFullMethodName());
        Context context = begun.context();
        ContextClientCallListener<R> watched = new ContextClientCallListener<>(listener, begun, options.getExecutor());
        if (context.isDone()) {
            delegate = new Unsent<>();
            watched.closeWhenDone(Status.CANCELLED, new Metadata());
            return;
        }
        try {
            ClientCall<Q, R> call = next.newCall(method, within(context.deadline()));
            delegate = call;
            call.start(watched, headers);
            watched.started(context.onDone(() -> abort(call, context)));
        } catch (RuntimeException | Error e) {
            watched.failed(e);
            throw e;
        }
    }

    private CallOptions within(@Nullable Deadline deadline) {
        if (deadline == null) {
            return options;
        }
        io.grpc.Deadline limit = io.grpc.Deadline.after(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        io.grpc.Deadline own = options.getDeadline();
        return options.withDeadline(own == null ? limit : limit.minimum(own));
    }

    private void abort(ClientCall<Q, R> call, Context context) {
        LiveContext request = context.get(LiveContext.KEY);
        if (request != null && request.isOverInTime() && !(context.cause() instanceof ContextEndedReason)) {
            return; // what a request that was answered has left behind goes on, as it did without us
        }
        aborted = true;
        call.cancel("context ended", context.exception());
    }

    @Override
    public void sendMessage(Q message) {
        unlessAborted(() -> super.sendMessage(message));
    }

    @Override
    public void halfClose() {
        unlessAborted(super::halfClose);
    }

    /** gRPC refuses to go on with a call that was canceled; where it was not its user who did, the listener is told, who waits. */
    private void unlessAborted(Runnable step) {
        try {
            step.run();
        } catch (IllegalStateException e) {
            if (!aborted) {
                throw e;
            }
        }
    }

    /** Stands for a call whose context had ended before it was sent. */
    private static final class Unsent<Q, R> extends ClientCall<Q, R> {
        @Override
        public void start(Listener<R> listener, Metadata headers) {}

        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
