package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import io.github.context4j.spring.propagation.CauseInMdc;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class CauseInMdcConfigurationTests {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextPropagationAutoConfiguration.class));

    @AfterEach
    void nothingIsLeftInLogback() {
        assertThat(filters()).isEmpty();
    }

    private static List<TurboFilter> filters() {
        return ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getTurboFilterList().stream()
                        .filter(CauseInMdc.class::isInstance)
                        .toList();
    }

    @Test
    void isInLogbackUntilTheApplicationCloses() {
        runner.run(context -> {
            assertThat(filters()).containsExactly(context.getBean(CauseInMdc.class));
            runner.run(second -> assertThat(filters()).hasSize(2));
            assertThat(filters()).containsExactly(context.getBean(CauseInMdc.class));
        });
    }

    @Test
    void isThereWhenEverythingElseIsLazy() {
        runner.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> assertThat(filters()).hasSize(1));
    }

    @Test
    void isNotThereWhenDisabled() {
        runner.withPropertyValues("context.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(CauseInMdc.class));
    }

    @Test
    void startsWithoutLogback() {
        runner.withClassLoader(new FilteredClassLoader("ch.qos.logback"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("context4jCauseInMdc"));
    }
}
