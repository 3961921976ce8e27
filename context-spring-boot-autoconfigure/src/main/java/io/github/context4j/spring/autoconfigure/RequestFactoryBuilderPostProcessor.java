package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.client.ContextRestClients;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.core.ResolvableType;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Has the builder of request factories build such that obey contexts. Whatever Spring Boot makes, {@code RestClient.Builder},
 * {@code RestTemplateBuilder} and HTTP service clients, gets its factories there.
 */
final class RequestFactoryBuilderPostProcessor implements BeanPostProcessor {
    private static final Log logger = LogFactory.getLog(RequestFactoryBuilderPostProcessor.class);

    private final ObjectProvider<ContextRestClients> clients;
    private final ConfigurableListableBeanFactory beanFactory;

    RequestFactoryBuilderPostProcessor(
            ObjectProvider<ContextRestClients> clients, ConfigurableListableBeanFactory beanFactory) {
        this.clients = clients;
        this.beanFactory = beanFactory;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!(bean instanceof ClientHttpRequestFactoryBuilder<?> builder)) {
            return bean;
        }
        if (!isReplaceable(beanName)) {
            logger.info("HTTP calls through the factories of '" + beanName
                    + "' obey no context, as the bean has to keep its type: wrap the factories by ContextRestClients, or"
                    + " declare it as ClientHttpRequestFactoryBuilder<?>");
            return bean;
        }
        return clients.getObject().wrap(builder);
    }

    /** The builders of Spring Boot are final: who wants one of them, or the very factories that it builds, gets no other. */
    private boolean isReplaceable(String beanName) {
        if (!beanFactory.containsBeanDefinition(beanName)) {
            return true;
        }
        ResolvableType declared = beanFactory.getMergedBeanDefinition(beanName).getResolvableType();
        Class<?> factory =
                declared.as(ClientHttpRequestFactoryBuilder.class).getGeneric().resolve(ClientHttpRequestFactory.class);
        return declared.toClass().isAssignableFrom(ClientHttpRequestFactoryBuilder.class)
                && factory == ClientHttpRequestFactory.class;
    }
}
