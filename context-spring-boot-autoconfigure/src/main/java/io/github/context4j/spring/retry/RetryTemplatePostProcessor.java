package io.github.context4j.spring.retry;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.retry.RetryTemplate;

/** Puts the retries of every {@link RetryTemplate} bean under the current context. */
public final class RetryTemplatePostProcessor implements BeanPostProcessor {
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof RetryTemplate template) {
            template.setRetryPolicy(ContextRetryPolicy.wrap(template.getRetryPolicy()));
        }
        return bean;
    }
}
