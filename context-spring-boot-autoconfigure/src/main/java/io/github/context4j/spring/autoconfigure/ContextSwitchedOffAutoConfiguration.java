package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for what applications inject, so that they start and work with {@code context.enabled=false} too. */
@AutoConfiguration
@ConditionalOnProperty(name = "context.enabled", havingValue = "false")
public final class ContextSwitchedOffAutoConfiguration {

    @Bean
    static Dependencies contextDependencies() {
        return Dependencies.switchedOff();
    }
}
