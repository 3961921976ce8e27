package io.github.context4j.spring.grpc;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the contexts of the calls to a gRPC server. Thread-safe.
 *
 * @param mode whether contexts act
 * @param timeout how long a unary call may take, null for no limit but the caller's deadline; streams have none but that
 * @param minBudget the time below which a call is not worth beginning, null if every one is
 * @param endsWithClient which methods a client cancels by canceling its call
 * @param root what the contexts of new calls descend from
 * @param live where operators see them
 * @param observer who is told what becomes of them
 */
public record ServerCallContexts(
        Mode mode,
        @Nullable Duration timeout,
        @Nullable Duration minBudget,
        Predicate<MethodDescriptor<?, ?>> endsWithClient,
        Supplier<Context> root,
        LiveContexts live,
        ContextObserver observer) {

    public ServerCallContexts {
        requireNonNull(mode, "mode");
        requireNonNull(endsWithClient, "endsWithClient");
        requireNonNull(root, "root");
        requireNonNull(live, "live");
        requireNonNull(observer, "observer");
    }

    /** The context of the call that gRPC begins on this thread; it must be ended. */
    ServerCallContext begin(MethodDescriptor<?, ?> method) {
        ServerCallContext context = new ServerCallContext(this, method, io.grpc.Context.current());
        context.listen();
        return context;
    }

    /** How long calls of {@code method} may take by the settings. */
    @Nullable
    Duration timeout(MethodDescriptor<?, ?> method) {
        return method.getType() == MethodDescriptor.MethodType.UNARY ? timeout : null;
    }
}
