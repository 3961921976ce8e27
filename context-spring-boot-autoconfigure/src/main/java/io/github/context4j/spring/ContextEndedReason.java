package io.github.context4j.spring;

import io.github.context4j.Context;
import org.jspecify.annotations.Nullable;

/**
 * Why the integrations end a context: the {@link Context#cause()} of one that they ended. Instances carry no stack trace
 * and cannot be added to, since all contexts that end together share one.
 */
public abstract sealed class ContextEndedReason extends Exception
        permits ClientDisconnectedException,
                RequestTimeoutException,
                DependencyTimeoutException,
                ShutdownException,
                CanceledByOperatorException {
    /** The key of the tag in the MDC of log lines. */
    public static final String MDC_KEY = "contextCause";

    private static final long serialVersionUID = 1L;

    ContextEndedReason(@Nullable String message) {
        super(message, null, false, false);
    }

    /** A short constant name for metrics and logs, such as {@code client_disconnected}. */
    public abstract String tag();

    /** The tag of any {@link Context#cause()}: {@code none} for null, {@code other} for what others canceled with. */
    public static String tagOf(@Nullable Throwable cause) {
        if (cause == null) {
            return "none";
        }
        return cause instanceof ContextEndedReason reason ? reason.tag() : "other";
    }
}
