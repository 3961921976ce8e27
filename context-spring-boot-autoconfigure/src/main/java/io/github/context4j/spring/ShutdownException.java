package io.github.context4j.spring;

import java.time.Duration;

/** The server is shutting down, and its grace period is over. */
public final class ShutdownException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    public ShutdownException(Duration gracePeriod) {
        super("shutdown, grace period of " + gracePeriod.toMillis() + " ms is over");
    }

    @Override
    public String tag() {
        return "shutdown";
    }
}
