package io.github.context4j.spring.retry;

import io.github.context4j.Context;
import io.github.context4j.InterruptMask;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/** One attempt of a method that is retried: the interrupt that {@link RetryableBackOff} is for is not for the method. */
final class RetryableAttempt implements MethodInterceptor {
    private static final String SAW_THE_END = RetryableAttempt.class.getName();

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        try (InterruptMask mask = InterruptMask.open()) {
            return invocation.proceed();
        } finally {
            if (invocation instanceof ProxyMethodInvocation attempt
                    && Context.current().isDone()) {
                attempt.setUserAttribute(SAW_THE_END, true); // seen by the invocation that this is a clone of
            }
        }
    }

    /** Whether the context had ended before an attempt did. */
    static boolean sawTheEnd(MethodInvocation retries) {
        return retries instanceof ProxyMethodInvocation invocation && invocation.getUserAttribute(SAW_THE_END) != null;
    }
}
