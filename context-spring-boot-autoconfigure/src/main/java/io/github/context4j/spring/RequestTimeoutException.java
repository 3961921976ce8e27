package io.github.context4j.spring;

import java.time.Duration;

/** The time-out of the request passed. */
public final class RequestTimeoutException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    private final long millis;

    public RequestTimeoutException(Duration timeout) {
        super(null);
        millis = timeout.toMillis();
    }

    /** Made when it is asked for: each request has one of these, few ever say it. */
    @Override
    public String getMessage() {
        return "request time-out of " + millis + " ms";
    }

    @Override
    public String tag() {
        return "request_timeout";
    }
}
