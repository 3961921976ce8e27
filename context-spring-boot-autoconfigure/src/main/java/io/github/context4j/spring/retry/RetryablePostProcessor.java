package io.github.context4j.spring.retry;

import org.aopalliance.intercept.MethodInterceptor;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.Ordered;
import org.springframework.resilience.annotation.Retryable;

/** Advises methods that are {@code @Retryable}, inside or outside of what retries them. */
public final class RetryablePostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("this-escape") // setters
    private RetryablePostProcessor(MethodInterceptor advice, int order) {
        Pointcut methods = new AnnotationMatchingPointcut(null, Retryable.class, true);
        advisor = new DefaultPointcutAdvisor(
                new ComposablePointcut(new AnnotationMatchingPointcut(Retryable.class, true)).union(methods), advice);
        setBeforeExistingAdvisors(true);
        setOrder(order);
    }

    /** Around all attempts: after Spring's own, if that comes first among equals, and before {@code @Async}. */
    public static RetryablePostProcessor aroundRetries() {
        return new RetryablePostProcessor(new RetryableBackOff(), Ordered.LOWEST_PRECEDENCE - 1);
    }

    /** Around each attempt. */
    public static RetryablePostProcessor aroundAttempts() {
        return new RetryablePostProcessor(new RetryableAttempt(), Ordered.LOWEST_PRECEDENCE - 100);
    }
}
