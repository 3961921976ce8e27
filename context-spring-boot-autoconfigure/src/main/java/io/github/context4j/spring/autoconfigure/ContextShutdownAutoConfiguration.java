package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for the contexts that end when the server stops. */
@AutoConfiguration(after = {ContextAutoConfiguration.class, ContextCarrierAutoConfiguration.class})
@ConditionalOnClass(WebServerApplicationContext.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextShutdownAutoConfiguration {

    @Bean
    static ShutdownContexts context4jShutdownContexts(ContextProperties properties, ObjectProvider<Carrier> carriers) {
        return new ShutdownContexts(
                ContextRoot.of(carriers),
                properties.shutdown().gracePeriod(),
                WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1);
    }
}
