package io.github.context4j.spring.retry;

import org.aopalliance.intercept.MethodInterceptor;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.ProxyConfig;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.Ordered;
import org.springframework.resilience.annotation.RetryAnnotationBeanPostProcessor;
import org.springframework.resilience.annotation.Retryable;

/**
 * Advises methods that are {@code @Retryable}, inside or outside of what retries them. A bean gets the kind of proxy that it
 * has without.
 */
public final class RetryablePostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("this-escape") // setters
    private RetryablePostProcessor(MethodInterceptor advice, ProxyConfig springs, int order) {
        copyFrom(springs);
        setFrozen(false); // the advice of both, and Spring's, has to be in one proxy
        Pointcut methods = new AnnotationMatchingPointcut(null, Retryable.class, true);
        advisor = new DefaultPointcutAdvisor(
                new ComposablePointcut(new AnnotationMatchingPointcut(Retryable.class, true)).union(methods), advice);
        setBeforeExistingAdvisors(true);
        setOrder(order);
    }

    /** Around all attempts: of the same order as {@code springs}, and to be defined after it. */
    public static RetryablePostProcessor aroundRetries(RetryAnnotationBeanPostProcessor springs) {
        return new RetryablePostProcessor(new RetryableBackOff(), springs, springs.getOrder());
    }

    /** Around each attempt: right before {@code springs}, which puts its advice in front of what is there. */
    public static RetryablePostProcessor aroundAttempts(RetryAnnotationBeanPostProcessor springs) {
        int order = Math.max(springs.getOrder(), Ordered.HIGHEST_PRECEDENCE + 1) - 1;
        return new RetryablePostProcessor(new RetryableAttempt(), springs, order);
    }
}
