package io.github.context4j;

import io.github.context4j.Context.State;
import org.jspecify.annotations.Nullable;

/** How a context ended; shared by all that ended with it. */
record End(State state, Throwable cause) {
    static final End CANCELED = new End(State.CANCELED, CanceledException.CANCELED);
    static final End CLOSED = new End(State.CANCELED, CanceledException.CLOSED);

    /** As {@link #CLOSED}, by somebody who has not waited for those who work under it. */
    static final End ABANDONED = new End(State.CANCELED, CanceledException.CLOSED);

    static final End EXCEEDED = new End(State.DEADLINE_EXCEEDED, DeadlineExceededException.EXCEEDED);

    ContextException toException() {
        // The default causes say nothing that the exception does not, so they are not chained.
        boolean plain = cause == CANCELED.cause || cause == CLOSED.cause || cause == EXCEEDED.cause;
        Throwable chained = plain ? null : cause;
        if (state == State.DEADLINE_EXCEEDED) {
            return new DeadlineExceededException(message("context deadline exceeded", chained), chained);
        }
        String what = cause == CLOSED.cause ? "context closed" : "context canceled";
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
