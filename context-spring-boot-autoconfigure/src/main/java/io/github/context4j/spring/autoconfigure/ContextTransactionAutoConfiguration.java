package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.tx.TransactionCompletionContext;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.ConfigurableTransactionManager;

/** Auto-configuration for what runs after transactions. */
@AutoConfiguration
@ConditionalOnClass(ConfigurableTransactionManager.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextTransactionAutoConfiguration {

    @Bean
    static BeanPostProcessor context4jTransactionCompletionContextPostProcessor() {
        TransactionCompletionContext listener = new TransactionCompletionContext();
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof ConfigurableTransactionManager manager) {
                    manager.addListener(listener);
                }
                return bean;
            }
        };
    }
}
