package io.github.context4j.spring.retry;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/**
 * Around the retries of a method: when the context ends, the wait between two attempts is interrupted, which ends the
 * retries. That wait is a plain sleep. The attempts are masked by {@link RetryableAttempt}.
 */
final class RetryableBackOff implements MethodInterceptor {

    @Override
    @SuppressWarnings("NullAway") // the result of interruptibly may be null, says its type argument
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Context context = CurrentContext.get();
        if (context == null) {
            return invocation.proceed();
        }
        // Not a child of it: under a context that has ended there is one attempt, too.
        try (CancelableContext retries = Context.background().withCancel()) {
            return retries.<@Nullable Object, Throwable>interruptibly(() -> proceed(invocation, context, retries));
        } catch (Throwable failure) {
            ContextException ended = context.exception();
            if (ended == null || ContextException.in(failure) != null || RetryableAttempt.sawTheEnd(invocation)) {
                throw failure;
            }
            ended.addSuppressed(failure);
            throw ended;
        }
    }

    private static @Nullable Object proceed(MethodInvocation invocation, Context context, CancelableContext retries)
            throws Throwable {
        Context.Registration registration = context.onDone(retries::cancel, Runnable::run);
        try {
            return invocation.proceed();
        } finally {
            registration.stop();
        }
    }
}
