package io.github.context4j.spring.retry;

import io.github.context4j.Context;
import io.github.context4j.InterruptMask;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;

/**
 * One attempt of a method that is retried: the interrupt that {@link RetryableBackOff} is for is not for the method. Those
 * that the application asked for are.
 */
final class RetryableAttempt implements MethodInterceptor {

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Retries retries = Retries.of(invocation);
        if (retries == null) {
            return invocation.proceed();
        }
        try (InterruptMask mask = InterruptMask.open(retries.context())) {
            return invocation.proceed();
        } finally {
            if (Context.current().isDone()) {
                retries.sawTheEnd();
            }
        }
    }

    /** The retries of one call, known to its attempts: their invocations are clones of the call's, and share its attributes. */
    static final class Retries {
        private static final String ATTRIBUTE = Retries.class.getName();

        private final Context context;
        private boolean end;

        /** @param context what interrupts the waits */
        Retries(Context context, MethodInvocation invocation) {
            this.context = context;
            if (invocation instanceof ProxyMethodInvocation call) {
                call.setUserAttribute(ATTRIBUTE, this);
            }
        }

        private static @Nullable Retries of(MethodInvocation invocation) {
            return invocation instanceof ProxyMethodInvocation attempt
                            && attempt.getUserAttribute(ATTRIBUTE) instanceof Retries retries
                    ? retries
                    : null;
        }

        Context context() {
            return context;
        }

        void sawTheEnd() {
            end = true;
        }

        /** Whether the caller's context had ended before an attempt did. */
        boolean haveSeenTheEnd() {
            return end;
        }
    }
}
