package io.github.context4j;

import io.github.context4j.Context.State;
import org.jspecify.annotations.Nullable;

/** How a context ended; shared by all that ended with it. */
record End(State state, Throwable cause) {
    static final End CANCELED = new End(State.CANCELED, CanceledException.CANCELED);
    static final End CLOSED = new End(State.CANCELED, CanceledException.CLOSED);
    static final End EXCEEDED = new End(State.DEADLINE_EXCEEDED, DeadlineExceededException.EXCEEDED);

    ContextException toException() {
        // The default causes say nothing that the exception does not, so they are not chained.
        boolean plain = this == CANCELED || this == CLOSED || this == EXCEEDED;
        Throwable chained = plain ? null : cause;
        if (state == State.DEADLINE_EXCEEDED) {
            return new DeadlineExceededException(message("context deadline exceeded", chained), chained);
        }
        String what = this == CLOSED ? "context closed" : "context canceled";
        return new CanceledException(message(what, chained), chained);
    }

    private static String message(String what, @Nullable Throwable cause) {
        if (cause == null) {
            return what;
        }
        String why = cause.getMessage();
        return what + ": " + (why != null ? why : cause.getClass().getName());
    }
}
