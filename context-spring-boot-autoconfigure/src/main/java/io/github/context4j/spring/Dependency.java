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
 */
public record Dependency(String name, @Nullable Duration timeout, boolean interrupt) {

    /** The call to a dependency that was named explicitly, which a context is part of; see {@link Dependencies#call}. */
    static final Context.Key<DependencyCall> EXPLICIT = Context.Key.named("dependency");

    public Dependency {
        Objects.requireNonNull(name, "name");
    }

    /** One whose calls are not interrupted. */
    public Dependency(String name, @Nullable Duration timeout) {
        this(name, timeout, false);
    }
}
