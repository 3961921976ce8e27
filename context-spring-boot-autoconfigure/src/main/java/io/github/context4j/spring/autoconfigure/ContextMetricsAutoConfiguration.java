package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.metrics.ContextMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
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

    private static final Log logger = LogFactory.getLog(ContextMetricsAutoConfiguration.class);

    /** A composite of none records nothing; so it is where the registry refuses meters of these names. */
    @Bean
    @Lazy(false) // its gauges are there from the start
    ContextMetrics context4jMetrics(
            ObjectProvider<MeterRegistry> registries,
            LiveContexts context4jLiveContexts,
            Zombies context4jZombies,
            Dependencies context4jDependencies) {
        MeterRegistry registry = registries.getIfUnique(CompositeMeterRegistry::new);
        try {
            return new ContextMetrics(registry, context4jLiveContexts, context4jZombies, context4jDependencies.all());
        } catch (RuntimeException e) {
            logger.warn("The context.* metrics are not recorded: the registry refuses them", e);
            return new ContextMetrics(
                    new CompositeMeterRegistry(), context4jLiveContexts, context4jZombies, context4jDependencies.all());
        }
    }
}
