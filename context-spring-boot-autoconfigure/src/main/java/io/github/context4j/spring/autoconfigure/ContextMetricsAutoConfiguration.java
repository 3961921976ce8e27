package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.metrics.ContextMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Auto-configuration for the {@code context.*} metrics. */
@AutoConfiguration(
        after = ContextAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnSingleCandidate(MeterRegistry.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextMetricsAutoConfiguration {

    @Bean
    @Lazy(false) // its gauges are there from the start
    ContextMetrics context4jMetrics(
            MeterRegistry registry, LiveContexts live, Zombies zombies, Dependencies dependencies) {
        return new ContextMetrics(registry, live, zombies, dependencies.all());
    }
}
