package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.client.ContextRestClients;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;

/**
 * Has the builder of request factories build such that obey contexts. Whatever Spring Boot makes, {@code RestClient.Builder},
 * {@code RestTemplateBuilder} and HTTP service clients, gets its factories there.
 */
final class RequestFactoryBuilderPostProcessor implements BeanPostProcessor {
    private final ObjectProvider<ContextRestClients> clients;

    RequestFactoryBuilderPostProcessor(ObjectProvider<ContextRestClients> clients) {
        this.clients = clients;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        return bean instanceof ClientHttpRequestFactoryBuilder<?> builder
                ? clients.getObject().wrap(builder)
                : bean;
    }
}
