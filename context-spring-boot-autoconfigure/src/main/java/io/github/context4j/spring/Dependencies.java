package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The dependencies of {@code context.dependencies}, to be called by name. Thread-safe. */
public final class Dependencies {
    private final Map<String, NamedDependency> byName = new LinkedHashMap<>();
    private final Set<String> inUse = ConcurrentHashMap.newKeySet();
    private final List<Dependency> all;
    private final @Nullable DependencyCalls calls;

    public Dependencies(Collection<Dependency> dependencies, DependencyCalls calls) {
        this.calls = requireNonNull(calls, "calls");
        for (Dependency dependency : dependencies) {
            byName.put(dependency.name(), new NamedDependency(dependency.name(), dependency, calls));
        }
        this.all = List.copyOf(dependencies);
    }

    private Dependencies() {
        calls = null;
        all = List.of();
    }

    /** What callers get where the library is switched off: every name is known, and a call is nothing but its operation. */
    public static Dependencies switchedOff() {
        return new Dependencies();
    }

    /**
     * The dependency of that name, to be kept and called. Asking for it tells that the entry is in use, which
     * {@link #call} cannot tell before it is called.
     *
     * @throws IllegalArgumentException if {@code context.dependencies} has no such entry
     */
    public NamedDependency named(String name) {
        requireNonNull(name, "name");
        if (calls == null) {
            return new NamedDependency(name, null, null);
        }
        NamedDependency dependency = find(name);
        inUse.add(name);
        return dependency;
    }

    private NamedDependency find(String name) {
        NamedDependency dependency = byName.get(name);
        if (dependency == null) {
            throw new IllegalArgumentException(
                    "dependency: " + name + " (expected: one of context.dependencies: " + byName.keySet() + ")");
        }
        return dependency;
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
        return calls == null ? op.call() : find(name).<T, X>call(op);
    }

    /** Whether somebody has asked for the dependency of that name. */
    public boolean isInUse(String name) {
        return inUse.contains(name);
    }

    /** All dependencies that have an entry. */
    public Collection<Dependency> all() {
        return all;
    }
}
