package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.tx.TransactionCompletionContext;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;

/** Has every transaction manager that takes listeners tell {@link TransactionCompletionContext}. */
final class TransactionManagerPostProcessor implements BeanPostProcessor {
    private final TransactionCompletionContext listener = new TransactionCompletionContext();

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager) {
            manager.addListener(listener);
        }
        return bean;
    }
}
