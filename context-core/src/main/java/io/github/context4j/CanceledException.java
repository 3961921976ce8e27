package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** Says that a context was canceled: Go's {@code context.Canceled}. */
public final class CanceledException extends ContextException {
    private static final long serialVersionUID = 1L;

    /** The cause of a context that was canceled without one. */
    static final CanceledException CANCELED = new CanceledException("context canceled");

    /** The cause of a context that was closed. */
    static final CanceledException CLOSED = new CanceledException("context closed");

    CanceledException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private CanceledException(String message) {
        super(message);
    }
}
