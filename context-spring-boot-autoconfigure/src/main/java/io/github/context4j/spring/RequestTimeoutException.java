package io.github.context4j.spring;

import java.time.Duration;

/** The time-out of the request passed. */
public final class RequestTimeoutException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    public RequestTimeoutException(Duration timeout) {
        super("request time-out of " + timeout.toMillis() + " ms");
    }

    @Override
    public String tag() {
        return "request_timeout";
    }
}
