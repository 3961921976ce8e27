package io.github.context4j.spring.retry;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.retry.RetryableAttempt.Retries;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/**
 * Around the retries of a method: when the context ends, the wait between two attempts is interrupted, which ends the
 * retries. That wait is a plain sleep. The attempts are masked by {@link RetryableAttempt}.
 */
final class RetryableBackOff implements MethodInterceptor {

    /** How the retries ended. What they threw is a value: what an interrupt makes of it is decided here alone. */
    private record Result(@Nullable Object value, @Nullable Throwable failure) {}

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Context context = CurrentContext.get();
        if (context == null) {
            return invocation.proceed();
        }
        Result result;
        boolean sawTheEnd;
        // Not a child of it: under a context that has ended there is one attempt, too.
        try (CancelableContext waits = Context.background().withCancel()) {
            Retries retries = new Retries(waits, invocation);
            result = waits.<Result, RuntimeException>interruptibly(() -> proceed(invocation, context, waits));
            sawTheEnd = retries.haveSeenTheEnd();
        }
        Throwable failure = result.failure();
        if (failure == null) {
            return result.value();
        }
        ContextException ended = context.exception();
        if (ended == null || ContextException.in(failure) != null || sawTheEnd) {
            throw failure;
        }
        ended.addSuppressed(failure);
        throw ended;
    }

    private static Result proceed(MethodInvocation invocation, Context context, CancelableContext waits) {
        Context.Registration registration = context.onDone(waits::cancel, Runnable::run);
        try {
            return new Result(invocation.proceed(), null);
        } catch (Throwable failure) {
            return new Result(null, failure);
        } finally {
            registration.stop();
        }
    }
}
