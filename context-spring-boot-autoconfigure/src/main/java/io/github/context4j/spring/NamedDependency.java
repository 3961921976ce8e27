package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import org.jspecify.annotations.Nullable;

/**
 * A dependency of {@code context.dependencies} to be called, as {@link Dependencies#named} gives it. Where the library is
 * switched off, a call is nothing but its operation. Thread-safe.
 */
public final class NamedDependency {
    private final String name;
    private final @Nullable Dependency dependency;
    private final @Nullable DependencyCalls calls;

    NamedDependency(String name, @Nullable Dependency dependency, @Nullable DependencyCalls calls) {
        this.name = name;
        this.dependency = dependency;
        this.calls = calls;
    }

    /** The name under {@code context.dependencies}. */
    public String name() {
        return name;
    }

    /**
     * Runs {@code op} as one call: under the time-out of the entry or the caller's deadline, whichever is earlier. Data
     * sources and clients that are used inside take this entry instead of their own. The call is over when {@code op} has
     * returned: what that has merely begun, such as a future, is canceled.
     */
    public <T extends @Nullable Object, X extends Throwable> T call(Context.Op<? extends T, ? extends X> op) throws X {
        requireNonNull(op, "op");
        if (calls == null || dependency == null) {
            return op.call();
        }
        NamedCall call = new NamedCall(calls, dependency);
        T result = call.<T, X>run(op);
        call.end(null);
        return result;
    }

    /** As {@link #call}, without a result. */
    public <X extends Throwable> void run(Context.VoidOp<? extends X> op) throws X {
        requireNonNull(op, "op");
        this.<Boolean, X>call(() -> {
            op.run();
            return true;
        });
    }

    /** Begins a call that goes on after its first operation has returned; null where the library is switched off. */
    public @Nullable NamedCall begin() {
        return calls == null || dependency == null ? null : new NamedCall(calls, dependency);
    }
}
