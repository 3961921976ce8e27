package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.actuate.ContextsEndpoint;
import io.github.context4j.spring.metrics.ContextMetrics;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class ContextAutoConfigurationTests {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextMetricsAutoConfiguration.class,
                    ContextSwitchedOffAutoConfiguration.class,
                    ContextsEndpointAutoConfiguration.class));

    @Test
    void isThereByDefault() {
        runner.run(context -> assertThat(context)
                .hasSingleBean(DependencyCalls.class)
                .hasSingleBean(Dependencies.class)
                .hasSingleBean(LiveContexts.class));
    }

    @Test
    void isNotThereWhenDisabled() {
        runner.withPropertyValues("context.enabled=false").run(context -> assertThat(context)
                .doesNotHaveBean(DependencyCalls.class)
                .doesNotHaveBean(LiveContexts.class));
    }

    @Test
    void whatIsCalledByNameJustRunsWhenDisabled() {
        runner.withPropertyValues("context.enabled=false", "context.dependencies.db.timeout=-1s")
                .run(context -> assertThat(context.getBean(Dependencies.class).call("any", Context::current))
                        .isSameAs(Context.background()));
    }

    @Test
    void workersThatWaitForShutdownAreToldWhenDisabled() {
        runner.withPropertyValues("context.enabled=false").run(context -> {
            ShutdownContexts contexts = context.getBean(ShutdownContexts.class);
            assertThat(contexts.serving().isDone()).isFalse();
            context.close();
            assertThat(contexts.serving().isDone()).isTrue();
        });
    }

    @Test
    void metricsGoToTheRegistryIfItIsTheOnlyOneOrPrimary() {
        runner.run(context -> assertThat(context).hasNotFailed().hasSingleBean(ContextMetrics.class));
        runner.withUserConfiguration(Registry.class)
                .run(context -> assertThat(isMeasured(context)).isTrue());
        runner.withUserConfiguration(Registry.class)
                .withBean("other", MeterRegistry.class, SimpleMeterRegistry::new)
                .run(context -> assertThat(isMeasured(context)).isFalse());
        runner.withUserConfiguration(Registry.class)
                .withBean("other", MeterRegistry.class, SimpleMeterRegistry::new, bean -> bean.setPrimary(true))
                .run(context -> assertThat(isMeasured(context)).isTrue());
    }

    private static boolean isMeasured(ApplicationContext context) {
        return context.getBeansOfType(MeterRegistry.class).values().stream()
                .anyMatch(registry -> registry.find("context.active").gauge() != null);
    }

    @Test
    void startsWhereTheRegistryRefusesOurMeters() {
        runner.withUserConfiguration(Registry.class)
                .withInitializer(context -> context.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {
                    @Override
                    public Object postProcessAfterInitialization(Object bean, String beanName) {
                        if (bean instanceof MeterRegistry registry) {
                            registry.config().meterFilter(MeterFilter.accept(id -> {
                                throw new IllegalArgumentException(id.getName());
                            }));
                        }
                        return bean;
                    }
                }))
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(ContextMetrics.class);
                    assertThat(isMeasured(context)).isFalse();
                });
    }

    @Test
    void startsWithoutMicrometer() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("context4jMetrics"));
    }

    @Test
    void endpointIsThereWhenItIsExposed() {
        runner.run(context -> assertThat(context).doesNotHaveBean(ContextsEndpoint.class));
        runner.withPropertyValues("management.endpoints.web.exposure.include=contexts")
                .run(context -> assertThat(context).hasSingleBean(ContextsEndpoint.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Registry {
        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }
    }
}
