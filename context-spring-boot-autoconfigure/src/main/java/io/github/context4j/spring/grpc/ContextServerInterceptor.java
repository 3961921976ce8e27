package io.github.context4j.spring.grpc;

import static java.util.Objects.requireNonNull;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Gives each call to a gRPC server its context, which is current wherever gRPC calls the service, and answers for what failed
 * because it ended. Spring gRPC finds the bean by itself; for another server, give it to {@code ServerBuilder.intercept}, as the
 * last one, so that it is outside of the others. Thread-safe.
 */
public final class ContextServerInterceptor implements ServerInterceptor, PriorityOrdered {
    private final @Nullable ServerCallContexts contexts;

    public ContextServerInterceptor(ServerCallContexts contexts) {
        this.contexts = requireNonNull(contexts, "contexts");
    }

    private ContextServerInterceptor() {
        contexts = null;
    }

    /** What applications get where the library is switched off: an interceptor that does nothing. */
    public static ContextServerInterceptor switchedOff() {
        return new ContextServerInterceptor();
    }

    /** Ahead of all others, also those at the same place that are not {@link PriorityOrdered}: exception handlers are. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (contexts == null) {
            return next.startCall(call, headers);
        }
        ServerCallContext context = contexts.begin(call.getMethodDescriptor());
        ContextServerCall<Q, R> watched = new ContextServerCall<>(call, context);
        return context.isRefused() ? watched.refuse() : watched.start(headers, next);
    }
}
