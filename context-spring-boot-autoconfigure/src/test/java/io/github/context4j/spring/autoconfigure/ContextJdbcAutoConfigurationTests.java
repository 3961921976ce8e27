package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.testing.TestPostgres;
import java.time.Duration;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;

class ContextJdbcAutoConfigurationTests {
    private static final String NAME = ContextJdbcAutoConfigurationTests.class.getSimpleName();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextJdbcAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class))
            .withUserConfiguration(Base.class)
            .withPropertyValues(
                    "spring.datasource.url=" + TestPostgres.url(NAME),
                    "spring.datasource.username=" + TestPostgres.user(),
                    "spring.datasource.password=" + TestPostgres.password(),
                    "spring.datasource.hikari.maximum-pool-size=2");

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(ContextProperties.class)
    static class Base {
        @Bean
        DependencyCalls dependencyCalls() {
            return new DependencyCalls(Mode.ENFORCE, new ContextObserver() {});
        }
    }

    @Test
    void cancelsAQueryOfAHikariBeanThatKeepsItsClass() {
        runner.run(context -> {
            HikariDataSource hikari = context.getBean(HikariDataSource.class);
            JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
            assertThat(hikari).isSameAs(context.getBean(DataSource.class));
            assertThat(hikari.getMaximumPoolSize()).isEqualTo(2);

            assertThatThrownBy(() -> Context.current()
                            .runWithin(Duration.ofMillis(100), () -> jdbc.execute("select pg_sleep(30)")))
                    .isInstanceOf(QueryTimeoutException.class)
                    .satisfies(e -> assertThat(ContextException.in(e)).isInstanceOf(DeadlineExceededException.class));
            assertThat(TestPostgres.activeQueries(NAME)).isZero();
        });
    }

    @Test
    void cancelsAQueryWhenItsContextIsCanceled() {
        runner.run(context -> {
            JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
            try (CancelableContext request = Context.background().withCancel()) {
                Thread client = new Thread(() -> {
                    Awaitility.await().until(() -> TestPostgres.activeQueries(NAME) == 1);
                    request.cancel();
                });
                client.start();
                assertThatThrownBy(() -> request.run(() -> jdbc.execute("select pg_sleep(30)")))
                        .isNotInstanceOf(QueryTimeoutException.class);
                client.join();
            }
            assertThat(TestPostgres.activeQueries(NAME)).isZero();
        });
    }
}
