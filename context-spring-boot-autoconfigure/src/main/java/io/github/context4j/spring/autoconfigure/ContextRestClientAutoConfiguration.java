package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.client.ContextRestClients;
import io.github.context4j.spring.client.OutboundRequestId;
import io.github.context4j.spring.propagation.MdcEntry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Lazy;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.service.registry.HttpServiceProxyRegistry;

/** Makes {@link RestClient}, {@code RestTemplate} and HTTP service clients obey the current context. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass({RestClient.class, ClientHttpRequestFactoryBuilder.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextRestClientAutoConfiguration {

    @Bean
    @Lazy(false) // what is wrong with the settings is said at start-up
    static HttpSelectors context4jHttpSelectors(
            ContextProperties context4jProperties, ObjectProvider<HttpServiceProxyRegistry> registries) {
        return new HttpSelectors(context4jProperties.getDependencies(), registries);
    }

    @Bean
    static ContextRestClients context4jRestClients(
            DependencyCalls context4jDependencyCalls,
            HttpSelectors context4jHttpSelectors,
            ContextProperties context4jProperties,
            PropagatedValues context4jPropagatedValues,
            ObjectProvider<MdcEntry> context4jRequestIdMdcEntry) {
        MdcEntry id = context4jRequestIdMdcEntry.getIfUnique();
        return new ContextRestClients(
                context4jDependencyCalls,
                context4jHttpSelectors.dependencies(),
                context4jPropagatedValues,
                id == null
                        ? null
                        : new OutboundRequestId(context4jProperties.getRequest().getIdHeader(), id::get));
    }

    @Bean
    static RequestFactoryBuilderPostProcessor context4jRequestFactoryBuilderPostProcessor(
            ObjectProvider<ContextRestClients> context4jRestClients, ConfigurableListableBeanFactory beanFactory) {
        return new RequestFactoryBuilderPostProcessor(context4jRestClients, beanFactory);
    }

    /** Has every call of an HTTP service client say which group it belongs to. */
    @Bean
    @Fallback // who injects one of their own by its type gets that
    static RestClientHttpServiceGroupConfigurer context4jHttpServiceGroupConfigurer() {
        return groups -> groups.forEachClient((group, builder) ->
                builder.defaultRequest(request -> request.attribute(ContextRestClients.GROUP_ATTRIBUTE, group.name())));
    }
}
