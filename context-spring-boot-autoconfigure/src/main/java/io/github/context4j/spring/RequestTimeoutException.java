package io.github.context4j.spring;

import java.time.Duration;

/** The time-out of the request passed, or the deadline that its caller had sent along. */
public final class RequestTimeoutException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    private final long millis;
    private final boolean caller;

    public RequestTimeoutException(Duration timeout) {
        this(timeout, false);
    }

    private RequestTimeoutException(Duration timeout, boolean caller) {
        super(null);
        this.millis = timeout.toMillis();
        this.caller = caller;
    }

    /** That a caller, who said on calling that it would wait for {@code time}, waits no longer. */
    public static RequestTimeoutException ofCaller(Duration time) {
        return new RequestTimeoutException(time, true);
    }

    /** Whether it is the caller's deadline, not a time-out of this process. */
    public boolean isCallers() {
        return caller;
    }

    /** Made when it is asked for: each request has one of these, few ever say it. */
    @Override
    public String getMessage() {
        return caller ? "caller's deadline of " + millis + " ms" : "request time-out of " + millis + " ms";
    }

    @Override
    public String tag() {
        return caller ? "caller_deadline" : "request_timeout";
    }
}
