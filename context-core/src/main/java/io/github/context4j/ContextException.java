package io.github.context4j;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says that a context has ended; its {@linkplain #getCause() cause} says why, where there is more to say. */
public abstract sealed class ContextException extends RuntimeException
        permits CanceledException, DeadlineExceededException {
    private static final long serialVersionUID = 1L;

    /** Longer cause chains than this are taken for cycles. */
    private static final int MAX_DEPTH = 100;

    ContextException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** For causes that are shared by all threads: no stack trace, and nothing can be added. */
    ContextException(String message) {
        super(message, null, false, false);
    }

    /** The outermost context exception among {@code failure} and its causes, null if there is none. */
    public static @Nullable ContextException in(Throwable failure) {
        Throwable t = Objects.requireNonNull(failure, "failure");
        for (int depth = 0; t != null && depth < MAX_DEPTH; depth++) {
            if (t instanceof ContextException found) {
                return found;
            }
            t = t.getCause();
        }
        return null;
    }
}
