package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.observation.OutcomeObservationFilter;
import io.github.context4j.spring.observation.RequestEvents;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/** Auto-configuration for what observations of requests and HTTP calls say of contexts. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ObservationRegistry.class, ServerRequestObservationContext.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextObservationAutoConfiguration {

    @Bean
    @Fallback // who injects one of their own by its type gets that
    static OutcomeObservationFilter context4jOutcomeObservationFilter() {
        return new OutcomeObservationFilter();
    }

    /** A registry that does nothing has no observation for it. */
    @Bean
    RequestEvents context4jRequestEvents(ObjectProvider<ObservationRegistry> registries) {
        return new RequestEvents(registries.getIfUnique(() -> ObservationRegistry.NOOP));
    }
}
