package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.retry.RetryTemplatePostProcessor;
import io.github.context4j.spring.retry.RetryablePostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.resilience.annotation.RetryAnnotationBeanPostProcessor;

/** Puts Spring's retries under the current context: {@link RetryTemplate} beans, and methods that are {@code @Retryable}. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(RetryTemplate.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextRetryAutoConfiguration {

    @Bean
    static RetryTemplatePostProcessor context4jRetryTemplatePostProcessor() {
        return new RetryTemplatePostProcessor();
    }

    /** Where {@code @EnableResilientMethods} is. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RetryAnnotationBeanPostProcessor.class)
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
