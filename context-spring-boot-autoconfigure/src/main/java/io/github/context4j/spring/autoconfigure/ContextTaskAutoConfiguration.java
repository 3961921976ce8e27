package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Context;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.propagation.ContextTaskDecorator;
import io.github.context4j.spring.propagation.MdcEntry;
import io.github.context4j.spring.retry.RetryTemplatePostProcessor;
import io.github.context4j.spring.retry.RetryablePostProcessor;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.Ordered;
import org.springframework.resilience.annotation.RetryAnnotationBeanPostProcessor;

/**
 * Auto-configuration for the tasks of Boot's executors, such as {@code @Async} methods, and for retries. The last one: what has
 * a decorator of its own where there is none is to have it all the same.
 */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextTaskAutoConfiguration {

    /** Boot's executors get all decorators there are; whoever injects one is to get the application's. */
    @Bean
    @Fallback
    @ConditionalOnMissingBean
    static ContextTaskDecorator context4jTaskDecorator(
            ContextProperties context4jProperties,
            ObjectProvider<ShutdownContexts> context4jShutdownContexts,
            ObjectProvider<MdcEntry> context4jRequestIdMdcEntry) {
        ShutdownContexts contexts = context4jShutdownContexts.getIfAvailable();
        boolean enforced = context4jProperties.getMode() == Mode.ENFORCE;
        Supplier<Context> root = contexts == null || !enforced ? Context::background : contexts::grace;
        boolean cancellation = enforced && context4jProperties.getAsync().isCancellation();
        return new ContextTaskDecorator(root, cancellation, context4jRequestIdMdcEntry.getIfAvailable());
    }

    @Bean
    static AsyncConfigurerPostProcessor context4jAsyncConfigurerPostProcessor() {
        return new AsyncConfigurerPostProcessor();
    }

    @Bean
    static RetryTemplatePostProcessor context4jRetryTemplatePostProcessor() {
        return new RetryTemplatePostProcessor();
    }

    /** Methods that are {@code @Retryable}, where {@code @EnableResilientMethods} is. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSingleCandidate(RetryAnnotationBeanPostProcessor.class)
    static final class RetryableMethods {

        @Bean
        static RetryablePostProcessor context4jRetryableAttemptPostProcessor(RetryAnnotationBeanPostProcessor springs) {
            return RetryablePostProcessor.aroundAttempts(springs);
        }

        @Bean
        static RetryablePostProcessor context4jRetryableBackOffPostProcessor(RetryAnnotationBeanPostProcessor springs) {
            return RetryablePostProcessor.aroundRetries(springs);
        }
    }
}
