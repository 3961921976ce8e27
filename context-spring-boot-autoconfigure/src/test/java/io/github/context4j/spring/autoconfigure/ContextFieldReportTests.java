package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.testing.LogEvents;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.SpringProperties;
import org.springframework.stereotype.Component;
import org.springframework.web.context.annotation.RequestScope;

class ContextFieldReportTests {
    private static final String HOLDER = Holder.class.getName() + ".context";

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextWebServerAutoConfiguration.class,
                    ContextSwitchedOffAutoConfiguration.class));

    private static List<String> warnings(WebApplicationContextRunner runner) {
        try (LogEvents log = LogEvents.capture()) {
            runner.run(context -> assertThat(context).hasNotFailed());
            return log.at(Level.WARN);
        }
    }

    private List<String> warnings(Class<?> configuration) {
        return warnings(runner.withUserConfiguration(configuration));
    }

    @Test
    void aBeanWithAFieldForAContextIsNamedInOneWarning() {
        assertThat(warnings(runner.withBean("one", Holder.class).withBean("other", Heir.class)))
                .singleElement()
                .asString()
                .contains(
                        "'one' (" + HOLDER + ")", "'other' (" + HOLDER + ")", "Context.current()", "ShutdownContexts");
    }

    @Test
    void noMoreThanTenAreNamed() {
        WebApplicationContextRunner many = runner;
        for (int i = 0; i < 12; i++) {
            many = many.withBean("holder" + i, Holder.class);
        }

        assertThat(warnings(many))
                .singleElement()
                .asString()
                .contains("'holder9' (" + HOLDER + ") and 2 more")
                .doesNotContain("'holder10'");
    }

    @Test
    void beansBehindProxiesAndConfigurationsAreLookedAt() {
        assertThat(warnings(Proxies.class))
                .singleElement()
                .asString()
                .contains(
                        "'byInterface' (" + HOLDER + ")",
                        "'byClass' (" + HOLDER + ")",
                        Proxies.class.getName() + ".own");
    }

    @Test
    void whatHoldsAContextForTheLifeOfTheApplicationIsNotNamed() {
        assertThat(warnings(Legitimate.class)).isEmpty();
    }

    @Test
    void beansOfOtherScopesAndOfNoScopeYetAreNotMade() {
        runner.withUserConfiguration(Untouched.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(Untouched.made).isZero();
        });
        assertThat(warnings(Untouched.class)).isEmpty();
    }

    @Test
    void nothingIsMadeWhereAllIsLazy() {
        runner.withUserConfiguration(Untouched.class)
                .withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> {
                    assertThat(context.getBeanFactory().containsSingleton("context4jFieldReport"))
                            .isTrue();
                    assertThat(Untouched.made).isZero();
                });
    }

    @Test
    void aClassThatCannotBeLookedAtIsPassedOver() {
        assertThat(warnings(runner.withInitializer(
                                context -> context.getBeanFactory().registerSingleton("broken", unlinkable()))
                        .withBean("one", Holder.class)))
                .singleElement()
                .asString()
                .contains("'one'")
                .doesNotContain("'broken'");
    }

    /** There Spring has not looked at the fields, and to be the first costs time. */
    @Test
    void nothingIsLookedAtInAnApplicationThatWasProcessedAheadOfTime() {
        SpringProperties.setFlag(AotDetector.AOT_ENABLED);
        try {
            DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
            beans.registerSingleton("one", new Holder());
            try (LogEvents log = LogEvents.capture()) {
                new ContextFieldReport(beans).afterSingletonsInstantiated();
                assertThat(log.at(Level.WARN)).isEmpty();
            }
        } finally {
            SpringProperties.setProperty(AotDetector.AOT_ENABLED, null);
        }
    }

    @Test
    void nothingIsSaidWhenDisabled() {
        assertThat(warnings(runner.withBean("one", Holder.class).withPropertyValues("context.enabled=false")))
                .isEmpty();
    }

    /** An object whose class has a field of a type that is not there. */
    private static Object unlinkable() {
        ClassLoader loader = new ClassLoader(ContextFieldReportTests.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (name.equals(Missing.class.getName())) {
                    throw new ClassNotFoundException(name);
                }
                if (!name.equals(HasMissing.class.getName())) {
                    return super.loadClass(name, resolve);
                }
                try (InputStream in = requireNonNull(getResourceAsStream(name.replace('.', '/') + ".class"))) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        };
        try {
            var constructor = loader.loadClass(HasMissing.class.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static class Missing {}

    static class HasMissing {
        @Nullable
        Missing missing;
    }

    public interface Service {}

    static class Holder implements Service {
        @Nullable
        Context context;
    }

    static class Heir extends Holder {}

    @Configuration
    static class Proxies {
        @Nullable
        Context own;

        @Bean
        Service byInterface() {
            ProxyFactory proxies = new ProxyFactory(new Holder());
            return (Service) proxies.getProxy();
        }

        @Bean
        Holder byClass() {
            ProxyFactory proxies = new ProxyFactory(new Holder());
            proxies.setProxyTargetClass(true);
            return (Holder) proxies.getProxy();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Legitimate {
        static final Context ROOT = Context.background();

        @Autowired
        @Nullable
        Context injected;

        @Bean
        static Context own() {
            return Context.background();
        }

        @Bean
        Worker worker(ShutdownContexts contexts) {
            return new Worker(contexts);
        }

        @Bean
        Consumer<String> lambda(ShutdownContexts contexts) {
            Context serving = contexts.serving();
            return text -> assertThat(serving).isNotNull();
        }
    }

    static class Worker {
        final ShutdownContexts contexts;
        final Context serving;

        @Nullable
        CancelableContext run;

        Worker(ShutdownContexts contexts) {
            this.contexts = contexts;
            this.serving = contexts.serving();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Untouched {
        static int made;

        @Bean
        @RequestScope
        Holder ofRequest() {
            made++;
            return new Holder();
        }

        @Bean
        @Scope(value = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
        Holder prototype() {
            made++;
            return new Holder();
        }

        @Bean
        @Lazy
        Holder lazy() {
            made++;
            return new Holder();
        }

        @Bean
        static Factory factory() {
            return new Factory();
        }
    }

    @Component
    static class Factory implements FactoryBean<Holder> {
        @Override
        public Holder getObject() {
            Untouched.made++;
            return new Holder();
        }

        @Override
        public Class<?> getObjectType() {
            return Holder.class;
        }
    }
}
