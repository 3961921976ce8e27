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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;

class ContextPropagationAutoConfigurationTests {
    private static final String ID_KEY = "io.github.context4j.mdc.requestId";
    private static final Context.Key<String> VALUE = Context.Key.named("value");
    private static final ThreadLocal<String> MARK = ThreadLocal.withInitial(() -> "none");

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextPropagationAutoConfiguration.class,
                    ContextWebServerAutoConfiguration.class,
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

    @Test
    void whoInjectsADecoratorGetsTheOneThatTheApplicationHas() {
        runner.withUserConfiguration(Marking.class, Injected.class).run(context -> {
            assertThat(context).hasNotFailed();
            TaskDecorator marking = context.getBean("marking", TaskDecorator.class);
            assertThat(context.getBean(Injected.class).decorator).isSameAs(marking);
            assertThat(context.getBean(TaskDecorator.class)).isSameAs(marking);
            ObjectProvider<TaskDecorator> provider = context.getBeanProvider(TaskDecorator.class);
            assertThat(provider.getIfAvailable()).isSameAs(marking);
            assertThat(provider.getIfUnique()).isSameAs(marking);
            assertThat(tags(context)).containsExactly("the user's", "of the request");
        });
    }

    @Test
    void whoInjectsADecoratorGetsBootsWhereThatIsTheOnlyOtherOne() {
        runner.withUserConfiguration(Injected.class)
                .withPropertyValues("spring.task.execution.propagate-context=true")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(Injected.class).decorator)
                            .isInstanceOf(ContextPropagatingTaskDecorator.class);
                    ObjectProvider<TaskDecorator> provider = context.getBeanProvider(TaskDecorator.class);
                    assertThat(provider.getIfUnique()).isInstanceOf(ContextPropagatingTaskDecorator.class);
                    assertThat(tags(context)).containsExactly("none", "of the request");
                });
    }

    @Test
    void whereTheApplicationHasNoDecoratorOursIsTheOne() {
        runner.run(context -> {
            ObjectProvider<TaskDecorator> provider = context.getBeanProvider(TaskDecorator.class);
            assertThat(provider.getIfAvailable()).isInstanceOf(ContextTaskDecorator.class);
            assertThat(provider.getIfUnique()).isInstanceOf(ContextTaskDecorator.class);
            assertThat(tags(context)).containsExactly("none", "of the request");
        });
    }

    @Test
    void anAutoConfigurationThatAddsADecoratorWhereThereIsNoneStillDoes() {
        runner.withConfiguration(AutoConfigurations.of(ThirdParty.class)).run(context -> {
            assertThat(context).hasNotFailed().hasBean("thirdPartys");
            assertThat(tags(context)).containsExactly("third party's", "of the request");
        });
    }

    /** What a task finds on its thread: whose decorator has run, and the value of the context. */
    private static List<String> tags(ApplicationContext context) throws Exception {
        Context request = Context.background().withValue(VALUE, "of the request");
        AsyncTaskExecutor executor = context.getBean(AsyncTaskExecutor.class);
        return request.call(() -> executor.submit(() ->
                        List.of(MARK.get(), String.valueOf(Context.current().get(VALUE))))
                .get(20, TimeUnit.SECONDS));
    }

    private static TaskDecorator marking(String mark) {
        return task -> () -> {
            MARK.set(mark);
            try {
                task.run();
            } finally {
                MARK.remove();
            }
        };
    }

    @Configuration(proxyBeanMethods = false)
    static class Marking {
        @Bean
        TaskDecorator marking() {
            return ContextPropagationAutoConfigurationTests.marking("the user's");
        }
    }

    @AutoConfiguration
    @AutoConfigureOrder(1) // after those that do not say
    static class ThirdParty {
        @Bean
        @ConditionalOnMissingBean
        TaskDecorator thirdPartys() {
            return ContextPropagationAutoConfigurationTests.marking("third party's");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Injected {
        final TaskDecorator decorator;

        Injected(TaskDecorator decorator) {
            this.decorator = decorator;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnDecorator {
        @Bean
        ContextTaskDecorator own() {
            return new ContextTaskDecorator(Context::background, true, null);
        }
    }
}
