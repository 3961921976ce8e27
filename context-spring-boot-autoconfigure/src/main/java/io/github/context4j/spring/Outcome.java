package io.github.context4j.spring;

import io.github.context4j.Context;
import java.util.Locale;

/** How a request or a call to a dependency ended. */
public enum Outcome {
    /** By itself; for a request also with an ordinary failure. */
    COMPLETED,
    /** Its context was canceled. */
    CANCELED,
    /** A deadline passed. */
    DEADLINE_EXCEEDED,
    /** The call failed for a reason that is not its context. */
    FAILED;

    /** The name for metrics. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The outcome of work whose context is in {@code state}. */
    public static Outcome of(Context.State state) {
        return switch (state) {
            case ACTIVE -> COMPLETED;
            case CANCELED -> CANCELED;
            case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
        };
    }
}
