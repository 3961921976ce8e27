package io.github.context4j.spring;

import java.time.Duration;

/** The time-out of a dependency passed, while the caller had time left. */
public final class DependencyTimeoutException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    private final String dependency;

    public DependencyTimeoutException(String dependency, Duration timeout) {
        super("time-out of " + timeout.toMillis() + " ms of dependency " + dependency);
        this.dependency = dependency;
    }

    /** The name of the dependency. */
    public String dependency() {
        return dependency;
    }

    @Override
    public String tag() {
        return "dependency_timeout";
    }
}
