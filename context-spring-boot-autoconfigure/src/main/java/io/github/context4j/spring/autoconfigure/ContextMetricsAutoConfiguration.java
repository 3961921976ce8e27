package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.metrics.ContextMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Auto-configuration for the {@code context.*} metrics. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextMetricsAutoConfiguration {

    /** A composite of none records nothing. */
    @Bean
    @Lazy(false) // its gauges are there from the start
    ContextMetrics context4jMetrics(
            ObjectProvider<MeterRegistry> registries, LiveContexts live, Zombies zombies, Dependencies dependencies) {
        return new ContextMetrics(
                registries.getIfUnique(CompositeMeterRegistry::new), live, zombies, dependencies.all());
    }
}
