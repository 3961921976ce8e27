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

/**
 * Auto-configuration for what all integrations share. Here and in the others, what takes a bean of the library has its name:
 * Spring then does not look for it among all beans there are, which would be felt at start-up.
 */
@AutoConfiguration
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
@EnableConfigurationProperties
public final class ContextAutoConfiguration {

    @Bean
    static ContextProperties context4jProperties() {
        return new ContextProperties();
    }

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
    static DependencyCalls context4jDependencyCalls(
            ContextProperties context4jProperties, ContextObservers context4jObservers) {
        return new DependencyCalls(context4jProperties.getMode(), context4jObservers);
    }

    @Bean
    static Dependencies context4jDependencies(
            ContextProperties context4jProperties, DependencyCalls context4jDependencyCalls) {
        List<Dependency> entries = context4jProperties.getDependencies().entrySet().stream()
                .map(entry -> entry.getValue().named(entry.getKey()))
                .toList();
        return new Dependencies(entries, context4jDependencyCalls);
    }

    @Bean
    static DependencyAnnotationPostProcessor context4jDependencyAnnotationPostProcessor(
            ObjectProvider<Dependencies> context4jDependencies, Environment environment) {
        boolean proxyTargetClass = environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
        return new DependencyAnnotationPostProcessor(context4jDependencies::getObject, proxyTargetClass);
    }

    @Bean
    static PropagatedValues context4jPropagatedValues(ContextProperties context4jProperties) {
        return new PropagatedValues(context4jProperties.getPropagation().getKeys());
    }

    @Bean
    @Lazy(false) // nobody asks for it
    @ConditionalOnProperty("context.unclosed.sample-every")
    static UnclosedSampling context4jUnclosedSampling(ContextProperties context4jProperties) {
        return new UnclosedSampling(context4jProperties.getUnclosed().getSampleEvery());
    }

    @Bean
    static LiveContexts context4jLiveContexts() {
        return new LiveContexts();
    }

    @Bean
    static Zombies context4jZombies(
            ContextProperties context4jProperties,
            LiveContexts context4jLiveContexts,
            DependencyCalls context4jDependencyCalls) {
        return new Zombies(
                context4jLiveContexts,
                context4jDependencyCalls,
                context4jProperties.getZombies().getAfter());
    }

    @Bean
    @Lazy(false)
    static ContextFieldReport context4jFieldReport(ConfigurableListableBeanFactory beans) {
        return new ContextFieldReport(beans);
    }
}
