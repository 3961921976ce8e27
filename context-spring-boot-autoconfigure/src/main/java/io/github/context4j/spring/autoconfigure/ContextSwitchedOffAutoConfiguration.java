package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Context;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import java.time.Duration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration for what applications inject, so that they start and work with {@code context.enabled=false} too. */
@AutoConfiguration
@ConditionalOnProperty(name = "context.enabled", havingValue = "false")
public final class ContextSwitchedOffAutoConfiguration {

    @Bean
    static Dependencies context4jDependencies() {
        return Dependencies.switchedOff();
    }

    /** Workers that watch {@code serving()} have to stop all the same; nothing of ours descends from it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(WebServerApplicationContext.class)
    static class Shutdown {
        @Bean
        static ShutdownContexts context4jShutdownContexts() {
            return new ShutdownContexts(
                    Context.background(),
                    Duration.ofSeconds(30),
                    WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1);
        }
    }
}
