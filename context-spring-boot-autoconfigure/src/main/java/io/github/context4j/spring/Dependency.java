package io.github.context4j.spring;

import io.github.context4j.Context;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that this process calls: a database, another service.
 *
 * @param name the name under {@code context.dependencies}, or the bean name of what has no entry there
 * @param timeout how long one operation may take, null for no limit but the caller's
 * @param interrupt whether a call by name is interrupted when its context ends
 * @param propagation what it is told of the caller's context
 */
public record Dependency(String name, @Nullable Duration timeout, boolean interrupt, Propagation propagation) {

    /**
     * What leaves the process with each call.
     *
     * @param deadline the header that says how much time is left, null if none does
     * @param requestId whether the id of the request goes along
     * @param values whether the values of the context do that are declared to be propagated
     */
    public record Propagation(@Nullable DeadlineHeader deadline, boolean requestId, boolean values) {
        /** Nothing. */
        public static final Propagation NONE = new Propagation(null, false, false);
    }

    /** The call to a dependency that was named explicitly, which a context is part of; see {@link Dependencies#call}. */
    static final Context.Key<DependencyCall> EXPLICIT = Context.Key.named("dependency");

    public Dependency {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(propagation, "propagation");
    }

    /** One that is told nothing of the caller's context. */
    public Dependency(String name, @Nullable Duration timeout, boolean interrupt) {
        this(name, timeout, interrupt, Propagation.NONE);
    }

    /** One whose calls are not interrupted, and that is told nothing. */
    public Dependency(String name, @Nullable Duration timeout) {
        this(name, timeout, false);
    }
}
