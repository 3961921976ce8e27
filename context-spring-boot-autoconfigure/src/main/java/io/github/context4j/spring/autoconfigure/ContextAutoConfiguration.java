package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.ContextObservers;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.aop.DependencyAnnotationPostProcessor;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Auto-configuration for what all integrations share. */
@AutoConfiguration
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ContextProperties.class)
public final class ContextAutoConfiguration {

    @Bean
    @Lazy(false) // nobody asks for it
    static PreparedSwitch context4jPreparedSwitch(Environment environment) {
        return new PreparedSwitch(true, environment);
    }

    @Bean
    static ContextObservers context4jObservers(ObjectProvider<ContextObserver> observers) {
        return new ContextObservers(() -> observers
                .orderedStream()
                .filter(observer -> !(observer instanceof ContextObservers))
                .toList());
    }

    @Bean
    static DependencyCalls context4jDependencyCalls(ContextProperties properties, ContextObservers observers) {
        return new DependencyCalls(properties.getMode(), observers);
    }

    @Bean
    static Dependencies context4jDependencies(ContextProperties properties, DependencyCalls calls) {
        List<Dependency> entries = properties.getDependencies().entrySet().stream()
                .map(entry -> entry.getValue().named(entry.getKey()))
                .toList();
        return new Dependencies(entries, calls);
    }

    @Bean
    static DependencyAnnotationPostProcessor context4jDependencyAnnotationPostProcessor(
            ObjectProvider<Dependencies> dependencies, Environment environment) {
        boolean proxyTargetClass = environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
        return new DependencyAnnotationPostProcessor(dependencies::getObject, proxyTargetClass);
    }

    @Bean
    static PropagatedValues context4jPropagatedValues(ContextProperties properties) {
        return new PropagatedValues(properties.getPropagation().getKeys());
    }

    @Bean
    @Lazy(false) // nobody asks for it
    @ConditionalOnProperty("context.unclosed.sample-every")
    static UnclosedSampling context4jUnclosedSampling(ContextProperties properties) {
        return new UnclosedSampling(properties.getUnclosed().getSampleEvery());
    }

    @Bean
    static LiveContexts context4jLiveContexts() {
        return new LiveContexts();
    }

    @Bean
    static Zombies context4jZombies(ContextProperties properties, LiveContexts live, DependencyCalls calls) {
        return new Zombies(live, calls, properties.getZombies().getAfter());
    }

    @Bean
    @Lazy(false)
    static ContextFieldReport context4jFieldReport(ConfigurableListableBeanFactory beans) {
        return new ContextFieldReport(beans);
    }
}
