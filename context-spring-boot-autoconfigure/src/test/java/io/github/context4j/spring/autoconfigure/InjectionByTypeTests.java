package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.web.AfterHandlerAdvice;
import io.micrometer.observation.ObservationFilter;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.Aware;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.Lifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.method.ControllerAdviceBean;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/** Whoever injects the only bean of a type gets the same as without the library. */
class InjectionByTypeTests {
    /** Those that nobody injects, as there are always several or they are for Spring itself. */
    private static final Set<Class<?>> OF_SPRING = Set.of(
            Advice.class,
            ApplicationListener.class,
            Aware.class,
            DisposableBean.class,
            InitializingBean.class,
            Lifecycle.class,
            Ordered.class,
            SmartInitializingSingleton.class,
            WebMvcConfigurer.class,
            WebServerFactoryCustomizer.class);

    private final WebApplicationContextRunner web = new WebApplicationContextRunner()
            .withConfiguration(ours())
            .withConfiguration(AutoConfigurations.of(
                    DispatcherServletAutoConfiguration.class,
                    RestClientAutoConfiguration.class,
                    WebMvcAutoConfiguration.class));

    private static AutoConfigurations ours() {
        ClassLoader loader = InjectionByTypeTests.class.getClassLoader();
        return AutoConfigurations.of(StreamSupport.stream(
                        ImportCandidates.load(AutoConfiguration.class, loader).spliterator(), false)
                .filter(name -> name.startsWith("io.github.context4j."))
                .map(name -> ClassUtils.resolveClassName(name, loader))
                .toArray(Class<?>[]::new));
    }

    @Configuration(proxyBeanMethods = false)
    static class OneOfEach {
        @Bean
        FilterRegistrationBean<?> filter() {
            return new FilterRegistrationBean<>((request, response, chain) -> chain.doFilter(request, response));
        }

        @Bean
        ObservationFilter observationFilter() {
            return context -> context;
        }

        @Bean
        RestClientHttpServiceGroupConfigurer groups() {
            return groups -> {};
        }

        @Bean
        String resolver(HandlerExceptionResolver only) {
            return only.getClass().getSimpleName();
        }

        @Bean
        boolean wired(
                FilterRegistrationBean<?> filterOfMine,
                ObservationFilter observationFilterOfMine,
                RestClientHttpServiceGroupConfigurer groupsOfMine) {
            return Stream.of(filterOfMine, observationFilterOfMine, groupsOfMine)
                    .allMatch(Objects::nonNull);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OneAdvice {
        @Bean
        AfterHandlerAdvice mine() {
            return new AfterHandlerAdvice();
        }

        @Bean
        boolean wired(ResponseBodyAdvice<?> advice) {
            return advice != null;
        }
    }

    @Test
    void theOnlyOneThereIsCanBeInjected() {
        web.withUserConfiguration(OneOfEach.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean("resolver")).isEqualTo("HandlerExceptionResolverComposite");
        });
        web.withUserConfiguration(OneAdvice.class)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void springFindsWhatCannotBeInjected() {
        web.run(context -> {
            assertThat(BeanFactoryUtils.beansOfTypeIncludingAncestors(
                            context, HandlerExceptionResolver.class, true, false))
                    .containsKey("context4jAfterHandlerAdvice");
            assertThat(ControllerAdviceBean.findAnnotatedBeans(context))
                    .extracting(ControllerAdviceBean::getBeanType)
                    .contains(AfterHandlerAdvice.class);
        });
    }

    /** If this fails for a new bean, see whether applications inject one of its types. */
    @Test
    void noBeanMakesInjectionByTypeAmbiguous() {
        web.run(context -> {
            ConfigurableListableBeanFactory beans =
                    context.getSourceApplicationContext().getBeanFactory();
            assertThat(context.getBeanDefinitionNames())
                    .filteredOn(name -> name.startsWith("context4j"))
                    .hasSizeGreaterThan(20)
                    .filteredOn(name -> beans.getBeanDefinition(name).isAutowireCandidate()
                            && !beans.getBeanDefinition(name).isFallback())
                    .allSatisfy(name -> assertThat(foreign(requireNonNull(beans.getType(name))))
                            .isEmpty());
        });
    }

    private static Set<String> foreign(Class<?> type) {
        Set<Class<?>> types = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(type));
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            types.add(c);
        }
        return types.stream()
                .filter(each -> !BeanPostProcessor.class.isAssignableFrom(type))
                .filter(each -> OF_SPRING.stream().noneMatch(known -> known.isAssignableFrom(each)))
                .map(Class::getName)
                .filter(name -> !name.startsWith("java.") && !name.startsWith("io.github.context4j."))
                .collect(Collectors.toSet());
    }

    static class Provider implements DataSourcePoolMetadataProvider {
        @Override
        public @Nullable DataSourcePoolMetadata getDataSourcePoolMetadata(DataSource dataSource) {
            return null;
        }
    }

    @Test
    void theOnlyProviderOfMetadataOfPoolsSeesThePool() {
        ApplicationContextRunner boot = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        ContextAutoConfiguration.class,
                        ContextJdbcAutoConfiguration.class,
                        DataSourceAutoConfiguration.class))
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:metadata");
        boot.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            pool.getConnection().close();
            DataSourcePoolMetadata metadata = requireNonNull(
                    context.getBean(DataSourcePoolMetadataProvider.class).getDataSourcePoolMetadata(pool));
            assertThat(metadata.getIdle()).isPositive();
            assertThat(metadata.getMax()).isEqualTo(10);
        });
        boot.withBean(Provider.class)
                .run(context -> assertThat(context.getBean(Provider.class)).hasSameClassAs(new Provider()));
    }
}
