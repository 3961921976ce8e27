package io.github.context4j.spring.grpc;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.NamedDependency;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes each call of a gRPC client a call to a dependency, under the context that is current where it is started: its deadline is
 * the earliest of the context's, the dependency's time-out and its own, and it is canceled when the context ends. Where no context is
 * current, calls are as they were. Callbacks run under the context of the caller.
 *
 * <p>A call belongs to the dependency that {@link #callsTo} says, else to the entry {@value #DEFAULT} of {@code context.dependencies}.
 * Spring gRPC finds the bean by itself; for another channel, give it to {@code ManagedChannelBuilder.intercept}. Thread-safe.
 */
public final class ContextClientInterceptor implements ClientInterceptor {
    /** The name of the dependency to which calls belong that no other name is known of. */
    public static final String DEFAULT = "grpc";

    private static final CallOptions.Key<NamedDependency> DEPENDENCY = CallOptions.Key.create("context4j-dependency");

    private static final Log logger = LogFactory.getLog(ContextClientInterceptor.class);

    private final @Nullable DependencyCalls calls;
    private final Map<String, Dependency> entries;
    private final AtomicBoolean unlimited = new AtomicBoolean();

    public ContextClientInterceptor(Dependencies dependencies, DependencyCalls calls) {
        this.calls = requireNonNull(calls, "calls");
        this.entries = dependencies.all().stream()
                .collect(Collectors.toUnmodifiableMap(Dependency::name, Function.identity()));
        if (entries.containsKey(DEFAULT)) {
            dependencies.named(DEFAULT); // tells that the entry is in use
        }
    }

    private ContextClientInterceptor() {
        calls = null;
        entries = Map.of();
    }

    /** What applications get where the library is switched off: an interceptor that does nothing. */
    public static ContextClientInterceptor switchedOff() {
        return new ContextClientInterceptor();
    }

    /**
     * For a stub ({@code withInterceptors}) or a channel whose calls are calls to {@code dependency}; that of a stub takes precedence.
     * It only names: on a channel, it has to be added after this class's own interceptor, so that it runs ahead of it.
     */
    public static ClientInterceptor callsTo(NamedDependency dependency) {
        return new Naming(requireNonNull(dependency, "dependency"));
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return calls == null
                ? next.newCall(method, options)
                : new ContextClientCall<>(calls, dependency(options), method, options, next);
    }

    private Dependency dependency(CallOptions options) {
        NamedDependency named = options.getOption(DEPENDENCY);
        Dependency entry = entries.get(named == null ? DEFAULT : named.name());
        if (entry != null) {
            return entry;
        }
        if (unlimited.compareAndSet(false, true)) {
            logger.info("gRPC calls have no entry '" + DEFAULT
                    + "' in context.dependencies: a boundary without a time-out");
        }
        return new Dependency(DEFAULT, null);
    }

    private record Naming(NamedDependency dependency) implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            boolean isNamed = options.getOption(DEPENDENCY) != null;
            return next.newCall(method, isNamed ? options : options.withOption(DEPENDENCY, dependency));
        }
    }
}
