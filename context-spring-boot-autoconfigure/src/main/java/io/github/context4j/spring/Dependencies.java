package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The dependencies of {@code context.dependencies}, to be called by name. Thread-safe. */
public final class Dependencies {
    private final Map<String, Dependency> byName = new LinkedHashMap<>();
    private final @Nullable DependencyCalls calls;

    public Dependencies(Collection<Dependency> dependencies, DependencyCalls calls) {
        this.calls = requireNonNull(calls, "calls");
        for (Dependency dependency : dependencies) {
            byName.put(dependency.name(), dependency);
        }
    }

    private Dependencies() {
        calls = null;
    }

    /** What callers get where the library is switched off: every name is known, and a call is nothing but its operation. */
    public static Dependencies switchedOff() {
        return new Dependencies();
    }

    /**
     * Runs {@code op} as one call to the named dependency: under its time-out or the caller's deadline, whichever is
     * earlier. Data sources and clients that are used inside take this entry instead of their own.
     *
     * @throws IllegalArgumentException if {@code context.dependencies} has no such entry
     */
    public <T extends @Nullable Object, X extends Throwable> T call(
            String name, Context.Op<? extends T, ? extends X> op) throws X {
        requireNonNull(name, "name");
        requireNonNull(op, "op");
        if (calls == null) {
            return op.call();
        }
        Dependency dependency = byName.get(name);
        if (dependency == null) {
            throw new IllegalArgumentException(
                    "dependency: " + name + " (expected: one of context.dependencies: " + byName.keySet() + ")");
        }
        DependencyCall call = calls.beginNamed(dependency);
        Context.Registration timed = call.onDone(() -> {}); // how long op goes on then is told from here
        Context context = call.context().withValue(Dependency.EXPLICIT, dependency);
        try {
            T result = context.<T, X>call(op);
            call.end(null);
            return result;
        } catch (Throwable t) {
            call.end(t);
            throw t;
        } finally {
            timed.stop();
        }
    }

    /** All dependencies that have an entry. */
    public Collection<Dependency> all() {
        return byName.values();
    }
}
