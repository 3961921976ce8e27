package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.aop.CanceledAsyncMethods;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.scheduling.annotation.AsyncConfigurer;

/**
 * Wraps what Spring Boot configures {@code @Async} with, which is a wrapper of the application's own configurer where there is
 * one. A bean of the application's is left as it is: it may be a configuration with beans of its own.
 */
final class AsyncConfigurerPostProcessor implements BeanPostProcessor {
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof AsyncConfigurer configurer
                        && bean.getClass().getName().startsWith("org.springframework.boot.")
                ? new CanceledAsyncMethods(configurer)
                : bean;
    }
}
