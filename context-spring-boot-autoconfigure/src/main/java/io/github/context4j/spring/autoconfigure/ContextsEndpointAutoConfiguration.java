package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.actuate.ContextsEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for the {@code contexts} endpoint. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnAvailableEndpoint(ContextsEndpoint.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextsEndpointAutoConfiguration {

    @Bean
    ContextsEndpoint context4jContextsEndpoint(
            LiveContexts context4jLiveContexts,
            DependencyCalls context4jDependencyCalls,
            Zombies context4jZombies,
            ApplicationEventPublisher events) {
        return new ContextsEndpoint(context4jLiveContexts, context4jDependencyCalls, context4jZombies, events);
    }
}
