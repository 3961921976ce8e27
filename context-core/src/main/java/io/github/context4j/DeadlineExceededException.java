package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** Says that the deadline of a context has passed: Go's {@code context.DeadlineExceeded}. */
public final class DeadlineExceededException extends ContextException {
    private static final long serialVersionUID = 1L;

    /** The cause of a context whose deadline passed and was given no other. */
    static final DeadlineExceededException EXCEEDED = new DeadlineExceededException("context deadline exceeded");

    DeadlineExceededException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private DeadlineExceededException(String message) {
        super(message);
    }
}
