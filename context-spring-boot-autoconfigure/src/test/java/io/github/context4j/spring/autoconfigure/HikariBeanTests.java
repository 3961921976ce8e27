package io.github.context4j.spring.autoconfigure;

import static io.github.context4j.spring.autoconfigure.ContextJdbcAutoConfigurationTests.isGuarded;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.testing.LogEvents;
import java.sql.Connection;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.actuate.autoconfigure.context.properties.ConfigurationPropertiesReportEndpointAutoConfiguration;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint.ConfigurationPropertiesBeanDescriptor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.HikariCheckpointRestoreLifecycle;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** What Spring Boot does with the bean of a pool. */
class HikariBeanTests {
    private final ApplicationContextRunner boot = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextJdbcAutoConfiguration.class,
                    DataSourceAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.url=jdbc:h2:mem:bean",
                    "spring.datasource.hikari.pool-name=bean",
                    "spring.datasource.hikari.maximum-pool-size=3");

    @Test
    void thePoolIsClosedOnceWithTheApplication() {
        Logger hikari = (Logger) LoggerFactory.getLogger("com.zaxxer.hikari");
        Level level = hikari.getLevel();
        hikari.setLevel(Level.INFO);
        try (LogEvents log = LogEvents.capture()) {
            boot.run(context -> {
                HikariDataSource pool = context.getBean(HikariDataSource.class);
                isGuarded(pool);
                assertThat(pool.isClosed()).isFalse();
                context.close();
                assertThat(pool.isClosed()).isTrue();
                assertThat(pool.isRunning()).isFalse();
            });
            assertThat(log.at(Level.INFO))
                    .containsOnlyOnce(
                            "bean - Starting...", "bean - Shutdown initiated...", "bean - Shutdown completed.");
        } finally {
            hikari.setLevel(level);
        }
    }

    @Test
    void itsHealthIsAskedForByItsOwnQuery() {
        boot.withConfiguration(AutoConfigurations.of(DataSourceHealthContributorAutoConfiguration.class))
                .withPropertyValues("spring.datasource.hikari.connection-test-query=select 7")
                .run(context -> {
                    isGuarded(context.getBean(DataSource.class));
                    Health health = requireNonNull(
                            context.getBean(HealthIndicator.class).health(true));
                    assertThat(health.getDetails())
                            .containsEntry("validationQuery", "select 7")
                            .containsEntry("result", 7);
                });
    }

    @Test
    void itCanBePausedForACheckpoint() {
        boot.withPropertyValues("spring.datasource.hikari.allow-pool-suspension=true")
                .run(context -> {
                    HikariDataSource pool = context.getBean(HikariDataSource.class);
                    isGuarded(pool);
                    HikariCheckpointRestoreLifecycle lifecycle =
                            new HikariCheckpointRestoreLifecycle(pool, context.getSourceApplicationContext());
                    lifecycle.stop();
                    assertThat(pool.isRunning()).isFalse();
                    assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isZero();
                    lifecycle.start();
                    assertThat(lifecycle.isRunning()).isTrue();
                    isGuarded(pool);
                });
    }

    @Test
    void jmxHasItUnderTheNameOfItsOwnClass() {
        boot.withConfiguration(AutoConfigurations.of(JmxAutoConfiguration.class))
                .withPropertyValues("spring.jmx.enabled=true", "spring.jmx.unique-names=true")
                .run(context -> {
                    MBeanServer server = context.getBean(MBeanServer.class);
                    ObjectName name = server.queryNames(new ObjectName("com.zaxxer.hikari:*"), null).stream()
                            .findFirst()
                            .orElseThrow();
                    assertThat(name.getKeyProperty("type")).isEqualTo("HikariDataSource");
                    assertThat(server.getAttribute(name, "MaximumPoolSize")).isEqualTo(3);
                });
    }

    @Test
    void jmxHasItOnceWhereItRegistersItself() {
        boot.withConfiguration(AutoConfigurations.of(JmxAutoConfiguration.class))
                .withPropertyValues("spring.jmx.enabled=true", "spring.datasource.hikari.register-mbeans=true")
                .run(context -> {
                    isGuarded(context.getBean(DataSource.class));
                    assertThat(context.getBean(MBeanServer.class)
                                    .queryNames(new ObjectName("com.zaxxer.hikari:*"), null))
                            .extracting(ObjectName::toString)
                            .containsExactlyInAnyOrder(
                                    "com.zaxxer.hikari:type=Pool (bean)", "com.zaxxer.hikari:type=PoolConfig (bean)");
                });
    }

    static class OwnPool extends HikariDataSource {}

    @ParameterizedTest
    @ValueSource(classes = {HikariDataSource.class, OwnPool.class})
    void aConnectionCanBeEvicted(Class<?> type) {
        boot.withPropertyValues("spring.datasource.type=" + type.getName()).run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            assertThat(AopUtils.isCglibProxy(pool)).isEqualTo(type == OwnPool.class);
            Connection physical;
            try (Connection connection = pool.getConnection()) {
                physical = connection.unwrap(JdbcConnection.class);
                pool.evictConnection(connection);
            }
            await().untilAsserted(() -> assertThat(physical.isClosed()).isTrue());
        });
    }

    @Test
    void itsPropertiesAreReported() {
        boot.withConfiguration(AutoConfigurations.of(ConfigurationPropertiesReportEndpointAutoConfiguration.class))
                .withPropertyValues(
                        "management.endpoint.configprops.show-values=always",
                        "spring.jmx.enabled=true",
                        "management.endpoints.jmx.exposure.include=configprops")
                .run(context -> {
                    ConfigurationPropertiesBeanDescriptor pool =
                            requireNonNull(context.getBean(ConfigurationPropertiesReportEndpoint.class)
                                    .configurationProperties()
                                    .getContexts()
                                    .values()
                                    .iterator()
                                    .next()
                                    .getBeans()
                                    .get("dataSource"));
                    assertThat(pool.getPrefix()).isEqualTo("spring.datasource.hikari");
                    assertThat(pool.getProperties())
                            .containsAllEntriesOf(Map.of("maximumPoolSize", 3, "poolName", "bean"));
                });
    }

    @Test
    void aDataSourceCanBeDerivedFromIt() {
        boot.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            try (HikariDataSource derived = (HikariDataSource)
                    DataSourceBuilder.derivedFrom(pool).username("other").build()) {
                assertThat(derived.getClass()).isEqualTo(HikariDataSource.class);
                assertThat(derived.getJdbcUrl()).isEqualTo("jdbc:h2:mem:bean");
                assertThat(derived.getUsername()).isEqualTo("other");
            }
            assertThat(DataSourceBuilder.derivedFrom(pool)
                            .type(SimpleDriverDataSource.class)
                            .build()
                            .getUrl())
                    .isEqualTo("jdbc:h2:mem:bean");
        });
    }
}
