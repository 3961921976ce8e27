package io.github.context4j.spring.web;

import io.github.context4j.spring.RequestTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What ends the context of a request, by the settings, by the handler's annotations and by the caller's wish.
 *
 * @param timeout how long the request may take by the settings or the handler, null for no limit
 * @param callerWaits how long the caller waits for the response, null if it did not say
 * @param cancelOnDisconnect whether the client cancels it by leaving
 * @param streaming whether the handler returns a body that it goes on writing, which no time-out may cut
 */
record RequestPolicy(
        @Nullable Duration timeout, @Nullable Duration callerWaits, boolean cancelOnDisconnect, boolean streaming) {

    /** How long the request may take by whoever allows less, null for no limit. */
    @Nullable
    Duration limit() {
        return callersIsLess() ? callerWaits : timeout;
    }

    /** Why the context ends after {@code limit}, which is {@link #limit()}. */
    RequestTimeoutException exceeded(Duration limit) {
        return callersIsLess() ? RequestTimeoutException.ofCaller(limit) : new RequestTimeoutException(limit);
    }

    private boolean callersIsLess() {
        return callerWaits != null && (timeout == null || callerWaits.compareTo(timeout) < 0);
    }

    RequestPolicy withCallerWaits(Duration time) {
        return new RequestPolicy(timeout, time, cancelOnDisconnect, streaming);
    }
}
