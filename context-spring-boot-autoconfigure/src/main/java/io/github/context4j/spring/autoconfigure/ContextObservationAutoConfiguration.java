package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.observation.OutcomeObservationFilter;
import io.github.context4j.spring.observation.RequestEvents;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/** Auto-configuration for what observations of requests and HTTP calls say of contexts. */
@AutoConfiguration(
        after = ContextAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ObservationRegistry.class, ServerRequestObservationContext.class})
@ConditionalOnSingleCandidate(ObservationRegistry.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextObservationAutoConfiguration {

    @Bean
    static OutcomeObservationFilter context4jOutcomeObservationFilter() {
        return new OutcomeObservationFilter();
    }

    @Bean
    RequestEvents context4jRequestEvents(ObservationRegistry registry) {
        return new RequestEvents(registry);
    }
}
