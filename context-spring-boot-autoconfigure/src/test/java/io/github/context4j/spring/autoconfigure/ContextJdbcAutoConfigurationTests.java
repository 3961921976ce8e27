package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.Context;
import io.github.context4j.spring.DependencyTimeoutException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

class ContextJdbcAutoConfigurationTests {
    static final String ENDLESS = "select max(mod(x, 7)) from system_range(1, 100000000000)";

    private final ApplicationContextRunner plain = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextJdbcAutoConfiguration.class));

    private final ApplicationContextRunner boot = plain.withConfiguration(
                    AutoConfigurations.of(DataSourceAutoConfiguration.class))
            .withPropertyValues("spring.datasource.url=jdbc:h2:mem:boot");

    static void isGuarded(DataSource dataSource) {
        assertThatThrownBy(() -> Context.background().runWithin(Duration.ofMillis(50), () -> {
                    try (Connection connection = dataSource.getConnection();
                            Statement statement = connection.createStatement()) {
                        assertThat(statement.getClass().getSimpleName()).isEqualTo("GuardedStatement");
                        statement.execute(ENDLESS);
                    }
                }))
                .isInstanceOf(SQLTimeoutException.class);
    }

    private static boolean guards(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return connection.getClass().getSimpleName().equals("GuardedConnection");
        }
    }

    @Test
    void theBeanKeepsItsClassAndIsGuarded() {
        boot.withPropertyValues("spring.datasource.hikari.maximum-pool-size=3").run(context -> {
            HikariDataSource hikari = context.getBean(HikariDataSource.class);
            assertThat(hikari.getClass()).as("no class is made").isEqualTo(GuardedHikariDataSource.class);
            isGuarded(hikari);
            assertThat(hikari).isSameAs(context.getBean(DataSource.class));
            assertThat(hikari.getMaximumPoolSize()).isEqualTo(3);
            assertThat(hikari.getHikariPoolMXBean().getTotalConnections()).isPositive();
            assertThat(hikari.isWrapperFor(HikariDataSource.class)).isTrue();
            assertThat(hikari.unwrap(HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(3);
            assertThat(DataSourceUnwrapper.unwrapRoot(hikari)).hasSameClassAs(new HikariDataSource());
            assertThat(DataSourceUnwrapper.unwrap(hikari, HikariConfigMXBean.class, HikariDataSource.class))
                    .isSameAs(hikari);
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Migrated {
        @Bean
        boolean migrated(DataSource dataSource) throws SQLException {
            return guards(dataSource); // a pool that was not used yet has no numbers
        }
    }

    @ParameterizedTest
    @CsvSource({"true, eager", "true, lazy", "false, eager"})
    void thePoolsMetricsAreBound(boolean enabled, String fetch) {
        boot.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class, DataSourcePoolMetricsAutoConfiguration.class))
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .withUserConfiguration(Migrated.class)
                .withPropertyValues("context.enabled=" + enabled, "spring.datasource.connection-fetch=" + fetch)
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.get("hikaricp.connections").gauge().value())
                            .isPositive();
                    assertThat(registry.get("jdbc.connections.max").gauge().value())
                            .isEqualTo(10);
                    Gauge active = registry.get("jdbc.connections.active").gauge();
                    assertThat(active.value()).isZero();
                    try (Connection connection =
                            context.getBean(DataSource.class).getConnection()) {
                        connection.createStatement().close();
                        assertThat(active.value()).isEqualTo(1);
                    }
                    assertThat(registry.get("jdbc.connections.idle").gauge().value())
                            .isPositive();
                });
    }

    @Test
    void bootsLazyConnectionsAreLazyAndGuarded() {
        boot.withPropertyValues("spring.datasource.connection-fetch=lazy").run(context -> {
            DataSource lazy = context.getBean(DataSource.class);
            assertThat(lazy).isInstanceOf(LazyConnectionDataSourceProxy.class);
            isGuarded(lazy);
        });
    }

    @Test
    void switchedOffLeavesNoTrace() {
        boot.withPropertyValues("context.enabled=false").run(context -> {
            assertThat(context.getBean(DataSource.class).getClass()).isEqualTo(HikariDataSource.class);
            assertThat(context).doesNotHaveBean(DataSourceGuardPostProcessor.class);
        });
    }

    @Test
    void worksWithoutTheDriverOfPostgresAndWithoutSpringJdbc() {
        plain.withClassLoader(new FilteredClassLoader("org.postgresql", "org.springframework.jdbc"))
                .withBean(DataSource.class, ContextJdbcAutoConfigurationTests::h2)
                .run(context -> isGuarded(context.getBean(DataSource.class)));
    }

    static JdbcDataSource h2() {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:plain");
        return dataSource;
    }

    static final class FinalDataSource extends AbstractDataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return h2().getConnection();
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return h2().getConnection(user, password);
        }
    }

    static class FinalMethodDataSource extends DelegatingDataSource {
        private final String name = "state";

        FinalMethodDataSource() {
            super(h2());
        }

        final int length() {
            return name.length();
        }
    }

    @Test
    void aClassThatCannotBeExtendedIsProxiedByItsInterfaces() {
        plain.withBean(DataSource.class, FinalDataSource::new).run(context -> {
            isGuarded(context.getBean(DataSource.class));
            assertThat(AopUtils.isJdkDynamicProxy(context.getBean(DataSource.class)))
                    .isTrue();
        });
        plain.withBean(DataSource.class, FinalMethodDataSource::new)
                .run(context -> isGuarded(context.getBean(DataSource.class)));
    }

    @Test
    void aProxyIsProxied() {
        DataSource target = h2();
        DataSource proxy = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> method.invoke(target, arguments));
        plain.withBean(DataSource.class, () -> proxy).run(context -> isGuarded(context.getBean(DataSource.class)));
    }

    @Test
    void anEmbeddedDatabaseIsGuarded() {
        plain.withBean(EmbeddedDatabase.class, () -> new EmbeddedDatabaseBuilder()
                        .setType(EmbeddedDatabaseType.H2)
                        .build())
                .run(context -> isGuarded(context.getBean(EmbeddedDatabase.class)));
    }

    @Configuration(proxyBeanMethods = false)
    static class Layers {
        @Bean
        HikariDataSource pool() {
            return pool("jdbc:h2:mem:layers");
        }

        @Bean
        HikariDataSource replica() {
            return pool("jdbc:h2:mem:replica");
        }

        private static HikariDataSource pool(String url) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(url);
            return pool;
        }

        @Bean
        DelegatingDataSource delegating(HikariDataSource pool) {
            return new DelegatingDataSource(pool);
        }

        @Bean
        AbstractRoutingDataSource routing(HikariDataSource pool, HikariDataSource replica) {
            AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
                @Override
                protected Object determineCurrentLookupKey() {
                    return "replica";
                }
            };
            routing.setTargetDataSources(Map.of("replica", replica));
            routing.setDefaultTargetDataSource(pool);
            return routing;
        }

        @Bean
        DataSource homeMade(HikariDataSource pool) {
            return new AbstractDataSource() {
                @Override
                public Connection getConnection() throws SQLException {
                    return pool.getConnection();
                }

                @Override
                public Connection getConnection(String user, String password) throws SQLException {
                    return pool.getConnection(user, password);
                }
            };
        }
    }

    @Test
    void aDataSourceThatPassesOnGuardedConnectionsIsNotGuardedAgain() {
        plain.withUserConfiguration(Layers.class).run(context -> {
            assertThat(context.getBeansOfType(DataSource.class)).hasSize(5);
            assertThat(AopUtils.isAopProxy(context.getBean("delegating"))).isFalse();
            assertThat(AopUtils.isAopProxy(context.getBean("routing"))).isFalse();
            for (DataSource each : context.getBeansOfType(DataSource.class).values()) {
                try (Connection connection = each.getConnection()) {
                    assertThat(connection.toString())
                            .startsWith("GuardedConnection[")
                            .doesNotContain("[GuardedConnection");
                }
            }
            isGuarded(context.getBean("routing", DataSource.class));
        });
    }

    @Test
    void theTimeoutOfTheDependencyAppliesUnderAContextOnly() {
        boot.withPropertyValues("context.dependencies.db.timeout=50ms").run(context -> {
            DataSource dataSource = context.getBean(DataSource.class);
            assertThatThrownBy(() -> Context.background().runWithin(Duration.ofSeconds(30), () -> {
                        try (Connection connection = dataSource.getConnection();
                                Statement statement = connection.createStatement()) {
                            statement.execute(ENDLESS);
                        }
                    }))
                    .isInstanceOf(SQLTimeoutException.class)
                    .rootCause()
                    .isInstanceOf(DependencyTimeoutException.class);
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                assertThat(statement.execute("select 1")).isTrue();
            }
        });
    }
}
