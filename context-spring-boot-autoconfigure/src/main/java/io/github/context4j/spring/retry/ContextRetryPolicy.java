package io.github.context4j.spring.retry;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import java.time.Duration;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.util.backoff.BackOff;

/**
 * A retry policy for as long as the current context is active. It repeats nothing that was canceled, but what a dependency's
 * own time-out or another one inside of the attempt has ended; it waits between attempts no longer than until the context
 * ends, and does not begin to wait where the time left is shorter than the wait.
 */
public final class ContextRetryPolicy implements RetryPolicy {
    private final RetryPolicy policy;

    private ContextRetryPolicy(RetryPolicy policy) {
        this.policy = policy;
    }

    /** {@code policy} under the context that is current where it is used; for a {@code RetryTemplate} that is no bean. */
    public static RetryPolicy wrap(RetryPolicy policy) {
        requireNonNull(policy, "policy");
        return policy instanceof ContextRetryPolicy ? policy : new ContextRetryPolicy(policy);
    }

    /** @throws ContextException if the context has ended, and nothing but that keeps the attempt from being repeated */
    @Override
    public boolean shouldRetry(Throwable throwable) {
        ContextException inside = ContextException.in(throwable);
        if (inside instanceof CanceledException || !policy.shouldRetry(throwable)) {
            return false;
        }
        ContextException ended = Context.current().exception();
        if (ended != null && inside == null) {
            ended.addSuppressed(throwable);
            throw ended;
        }
        return ended == null;
    }

    @Override
    public Duration getTimeout() {
        return policy.getTimeout();
    }

    @Override
    public BackOff getBackOff() {
        BackOff backOff = policy.getBackOff();
        return () -> new ContextBackOff(backOff.start(), policy.getTimeout());
    }

    @Override
    public String toString() {
        return "ContextRetryPolicy[" + policy + "]";
    }
}
