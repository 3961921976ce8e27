package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.spring.propagation.ContextTaskDecorator;
import io.github.context4j.spring.propagation.CurrentContextAccessor;
import io.github.context4j.spring.propagation.MdcEntry;
import io.github.context4j.spring.propagation.SharedAccessor;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;

class ContextPropagationAutoConfigurationTests {
    private static final String ID_KEY = "io.github.context4j.mdc.requestId";

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextPropagationAutoConfiguration.class,
                    ContextShutdownAutoConfiguration.class,
                    ContextTaskAutoConfiguration.class,
                    RequestIdAutoConfiguration.class,
                    TaskExecutionAutoConfiguration.class));

    @AfterEach
    void nothingIsLeftInTheRegistry() {
        assertThat(keys()).isEmpty();
    }

    private static List<Object> keys() {
        return ContextRegistry.getInstance().getThreadLocalAccessors().stream()
                .map(ThreadLocalAccessor::key)
                .filter(key -> String.valueOf(key).startsWith("io.github.context4j"))
                .toList();
    }

    @Test
    void registersWithMicrometerUntilTheApplicationCloses() {
        runner.run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(keys()).containsExactlyInAnyOrder(CurrentContextAccessor.KEY, ID_KEY);
            runner.run(second -> assertThat(keys()).hasSize(2));
            assertThat(keys()).hasSize(2);
        });
    }

    @Test
    void registersWhenEverythingElseIsLazy() {
        runner.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> assertThat(keys()).hasSize(2));
    }

    @Test
    void isNotThereWhenDisabled() {
        runner.withPropertyValues("context.enabled=false").run(context -> {
            assertThat(keys()).isEmpty();
            assertThat(context)
                    .doesNotHaveBean(ContextTaskDecorator.class)
                    .doesNotHaveBean(SharedAccessor.class)
                    .doesNotHaveBean(MdcEntry.class)
                    .doesNotHaveBean("context4jRequestIdFilter");
        });
    }

    @Test
    void withoutIdsOnlyTheContextIsCarried() {
        runner.withPropertyValues("context.request.id-header=off").run(context -> {
            assertThat(keys()).containsExactly(CurrentContextAccessor.KEY);
            assertThat(context).doesNotHaveBean("context4jRequestIdFilter").hasSingleBean(ContextTaskDecorator.class);
        });
    }

    @Test
    void startsWithoutMicrometer() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run(context -> {
            assertThat(context)
                    .hasNotFailed()
                    .hasBean("context4jTaskDecorator")
                    .hasBean("context4jRequestIdFilter")
                    .doesNotHaveBean("context4jContextAccessor");
            assertThat(keys()).isEmpty();
        });
    }

    @Test
    void startsWithoutSlf4j() {
        runner.withClassLoader(new FilteredClassLoader("org.slf4j")).run(context -> {
            assertThat(context)
                    .hasNotFailed()
                    .hasBean("context4jTaskDecorator")
                    .doesNotHaveBean("context4jRequestIdFilter");
            assertThat(keys()).containsExactly(CurrentContextAccessor.KEY);
        });
    }

    @Test
    void aDecoratorOfTheUsersOwnReplacesOurs() {
        runner.withUserConfiguration(OwnDecorator.class).run(context -> {
            assertThat(context).hasSingleBean(ContextTaskDecorator.class).hasBean("own");
            try (var canceled = Context.background().withCancel()) {
                canceled.run(() -> assertThat(context.getBean(AsyncTaskExecutor.class)
                                .submit(Context::current)
                                .get())
                        .isSameAs(canceled));
            }
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnDecorator {
        @Bean
        ContextTaskDecorator own() {
            return new ContextTaskDecorator(Context::background, true, null);
        }
    }
}
