package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** DataSources go on being injected as they were. */
@ExtendWith(OutputCaptureExtension.class)
class DataSourceInjectionTests {
    private static final String LEFT_ALONE = "its queries do not obey contexts, as the bean has to keep its class";

    private final ApplicationContextRunner plain = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextJdbcAutoConfiguration.class));

    private static JdbcDataSource h2() {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:injection");
        return dataSource;
    }

    static class Plain extends AbstractDataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return h2().getConnection();
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return h2().getConnection(user, password);
        }
    }

    static class FinalMethod extends Plain {
        private final String name = "state";

        final int length() {
            return name.length();
        }
    }

    abstract static sealed class Sealed extends Plain permits Permitted {}

    static final class Permitted extends Sealed {}

    /** As every class in Kotlin. */
    static final class FinalRouting extends AbstractRoutingDataSource {
        @Override
        protected Object determineCurrentLookupKey() {
            return "one";
        }

        @Override
        protected DataSource determineTargetDataSource() {
            return super.determineTargetDataSource(); // so that it may give out anything
        }
    }

    interface Named extends DataSource {
        String name();
    }

    static final class FinalNamed extends Plain implements Named {
        @Override
        public String name() {
            return "named";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ByClass {
        @Bean(destroyMethod = "dispose")
        JdbcConnectionPool pool() {
            return JdbcConnectionPool.create(h2());
        }

        @Bean
        FinalMethod finalMethod() {
            return new FinalMethod();
        }

        @Bean
        Sealed sealed() {
            return new Permitted();
        }

        @Bean
        static FinalRouting routing() {
            FinalRouting routing = new FinalRouting();
            routing.setTargetDataSources(Map.of("one", h2()));
            return routing;
        }

        @Bean
        int wired(JdbcConnectionPool pool, FinalMethod finalMethod, Sealed sealed, FinalRouting routing)
                throws SQLException {
            for (DataSource each : new DataSource[] {pool, finalMethod, sealed, routing}) {
                each.getConnection().close();
            }
            return pool.getActiveConnections() + finalMethod.length();
        }
    }

    @Test
    void aClassThatCannotBeExtendedCanBeInjected(CapturedOutput output) {
        plain.withUserConfiguration(ByClass.class)
                .run(context -> assertThat(context.getBean("wired")).isEqualTo(5));
        for (Class<?> type :
                new Class<?>[] {JdbcConnectionPool.class, FinalMethod.class, Permitted.class, FinalRouting.class}) {
            assertThat(output.getOut().lines())
                    .filteredOn(line -> line.contains("(" + type.getName() + ")"))
                    .singleElement()
                    .asString()
                    .contains("INFO", LEFT_ALONE + ": declare it as DataSource");
        }
    }

    @Test
    void aBeanThatIsRegisteredByItsClassAloneCanBeInjected() {
        plain.withBean(Permitted.class)
                .run(context -> assertThat(context.getBean(Permitted.class)).isSameAs(context.getBean(Sealed.class)));
    }

    @Test
    void whatIsDeclaredAsAnInterfaceIsGuarded(CapturedOutput output) {
        plain.withBean("named", Named.class, FinalNamed::new).run(context -> {
            assertThat(context.getBean(Named.class).name()).isEqualTo("named");
            ContextJdbcAutoConfigurationTests.isGuarded(context.getBean(Named.class));
        });
        plain.withBean(DataSource.class, FinalMethod::new)
                .run(context ->
                        ContextJdbcAutoConfigurationTests.isGuarded(context.getBean("dataSource", DataSource.class)));
        assertThat(output).doesNotContain("cannot be proxied");
    }

    static class Factory implements FactoryBean<DataSource> {
        private final Class<? extends DataSource> type;
        private final Supplier<DataSource> made;

        Factory(Class<? extends DataSource> type, Supplier<DataSource> made) {
            this.type = type;
            this.made = made;
        }

        @Override
        public DataSource getObject() {
            return made.get();
        }

        @Override
        public Class<?> getObjectType() {
            return type;
        }
    }

    @Test
    void ofWhatAFactoryBeanMakesTheTypeIsTheFactorys() {
        plain.withBean("made", Factory.class, () -> new Factory(Permitted.class, Permitted::new))
                .run(context -> assertThat(context.getBean(Permitted.class)).isNotNull());
        plain.withBean("made", Factory.class, () -> new Factory(DataSource.class, Permitted::new))
                .run(context -> {
                    assertThat(AopUtils.isJdkDynamicProxy(context.getBean("made")))
                            .isTrue();
                    ContextJdbcAutoConfigurationTests.isGuarded(context.getBean(DataSource.class));
                });
    }

    /** Asks for itself through the repository while it is made. */
    static class Tenants extends Plain {
        @Nullable
        Repository repository;

        @Autowired
        void setRepository(Repository repository) {
            this.repository = repository;
        }

        Repository repository() {
            return requireNonNull(repository);
        }
    }

    record Repository(DataSource dataSource) {}

    @Configuration(proxyBeanMethods = false)
    static class Circle {
        @Bean
        Tenants dataSource() {
            return new Tenants();
        }

        @Bean
        Repository repository(DataSource dataSource) {
            return new Repository(dataSource);
        }
    }

    private final ApplicationContextRunner circle = plain.withUserConfiguration(Circle.class)
            .withInitializer(context -> ((GenericApplicationContext) context).setAllowCircularReferences(true));

    private static void isGuardedInTheCircle(AssertableApplicationContext context) throws SQLException {
        Tenants tenants = context.getBean(Tenants.class);
        assertThat(tenants.repository()).isSameAs(context.getBean(Repository.class));
        assertThat(tenants.repository().dataSource()).isSameAs(tenants);
        ContextJdbcAutoConfigurationTests.isGuarded(tenants);
        try (Connection connection = tenants.getConnection()) {
            assertThat(connection.toString()).containsOnlyOnce("GuardedConnection[");
        }
    }

    @Test
    void aDataSourceInACircularReferenceIsGuarded() {
        circle.run(DataSourceInjectionTests::isGuardedInTheCircle);
    }

    @Test
    void aDataSourceWithAspectsInACircularReferenceIsGuarded() {
        circle.withBean(BeanNameAutoProxyCreator.class, () -> {
                    BeanNameAutoProxyCreator aspects = new BeanNameAutoProxyCreator();
                    aspects.setBeanNames("dataSource");
                    aspects.setInterceptorNames("advice");
                    aspects.setProxyTargetClass(true);
                    aspects.setOrder(Ordered.HIGHEST_PRECEDENCE); // as Spring's own
                    return aspects;
                })
                .withBean("advice", MethodInterceptor.class, () -> MethodInvocation::proceed)
                .run(DataSourceInjectionTests::isGuardedInTheCircle);
    }

    /** Fails at the first attempt, after it was asked for. */
    static class FailsOnce extends Plain implements InitializingBean {
        private static final AtomicInteger attempts = new AtomicInteger();

        @Autowired
        void setBeans(BeanFactory beans) {
            if (attempts.incrementAndGet() == 1) {
                beans.getBean("late");
            }
        }

        @Override
        public void afterPropertiesSet() {
            if (attempts.get() == 1) {
                throw new IllegalStateException("mine");
            }
        }
    }

    @Test
    void aSecondAttemptIsGuarded() {
        FailsOnce.attempts.set(0);
        plain.withInitializer(context -> ((GenericApplicationContext) context).setAllowCircularReferences(true))
                .withBean("late", FailsOnce.class, FailsOnce::new, definition -> definition.setLazyInit(true))
                .run(context -> {
                    assertThatThrownBy(() -> context.getBean("late")).hasRootCauseMessage("mine");
                    ContextJdbcAutoConfigurationTests.isGuarded(context.getBean("late", DataSource.class));
                });
    }
}
