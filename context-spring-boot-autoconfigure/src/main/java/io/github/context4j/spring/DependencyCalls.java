package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The calls to dependencies that are in flight. Thread-safe. */
public final class DependencyCalls {
    private final Set<DependencyCall> inFlight = ConcurrentHashMap.newKeySet();
    private final Mode mode;
    private final ContextObserver observer;

    public DependencyCalls(Mode mode, ContextObserver observer) {
        this.mode = requireNonNull(mode, "mode");
        this.observer = requireNonNull(observer, "observer");
    }

    /** As {@link #begin(Dependency, String, Duration)}, with the whole time-out left. */
    public DependencyCall begin(Dependency dependency, String operation) {
        return begin(dependency, operation, Duration.ZERO);
    }

    /**
     * Begins a call under the current context. Inside {@link Dependencies#call} it belongs to the dependency that was named
     * there, and is bounded and counted as a part of that call.
     *
     * @param dependency what is called, unless one was named explicitly
     * @param operation what is done there, such as {@code query}; never a parameter or a value
     * @param used how much of the time-out has been used, such as by waiting for a connection
     * @return the call, which must be ended
     */
    public DependencyCall begin(Dependency dependency, String operation, Duration used) {
        Context caller = Context.current();
        DependencyCall named = caller.get(Dependency.EXPLICIT);
        if (named != null && !named.isEnded()) {
            return add(new DependencyCall(this, named.dependency(), operation, caller, null, false));
        }
        // What outlives the call that was named, such as a task it has started, calls the same dependency by itself.
        Dependency called = named == null ? dependency : named.dependency();
        return add(new DependencyCall(this, called, operation, caller, remaining(called, used), true));
    }

    /** Begins a call to a dependency that is named explicitly, inside another one or not. */
    DependencyCall beginNamed(Dependency dependency) {
        return add(new DependencyCall(this, dependency, "call", Context.current(), dependency.timeout(), true));
    }

    private DependencyCall add(DependencyCall call) {
        inFlight.add(call);
        return call;
    }

    private static @Nullable Duration remaining(Dependency dependency, Duration used) {
        Duration timeout = dependency.timeout();
        return timeout == null ? null : timeout.minus(used);
    }

    /** The calls that have begun and not ended: a live view. */
    public Collection<DependencyCall> inFlight() {
        return Collections.unmodifiableSet(inFlight);
    }

    Mode mode() {
        return mode;
    }

    /** Who is told what becomes of the calls. */
    public ContextObserver observer() {
        return observer;
    }

    void remove(DependencyCall call) {
        inFlight.remove(call);
    }
}
