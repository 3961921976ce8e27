package io.github.context4j.spring;

import java.time.Duration;

/** The server is shutting down: it takes no more work, or its grace period is over. */
public final class ShutdownException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    private ShutdownException(String message) {
        super(message);
    }

    /** Shutdown has begun: what is under way has {@code gracePeriod}, and no more work is to be taken. */
    public static ShutdownException begun(Duration gracePeriod) {
        return new ShutdownException("shutdown has begun, with a grace period of " + gracePeriod.toMillis() + " ms");
    }

    /** What was under way had {@code gracePeriod}. */
    public static ShutdownException graceOver(Duration gracePeriod) {
        return new ShutdownException("shutdown, grace period of " + gracePeriod.toMillis() + " ms is over");
    }

    /** All phases of the shutdown are over; what still goes on is something that none of them waits for. */
    public static ShutdownException stopped() {
        return new ShutdownException("shutdown, nothing waits for this any longer");
    }

    @Override
    public String tag() {
        return "shutdown";
    }
}
