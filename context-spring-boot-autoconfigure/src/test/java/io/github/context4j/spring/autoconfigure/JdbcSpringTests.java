package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.ManualTime;
import io.github.context4j.spring.DependencyTimeoutException;
import io.github.context4j.spring.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.annotation.Transactional;

/** Spring's ways to query a database, on PostgreSQL, with what they make of a context that ends. */
@Timeout(60)
class JdbcSpringTests {
    private static final String NAME = JdbcSpringTests.class.getSimpleName();
    private static final Duration SHORT = Duration.ofMillis(300);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextJdbcAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcClientAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class))
            .withUserConfiguration(Service.class)
            .withPropertyValues(
                    "spring.datasource.url=" + TestPostgres.url(NAME),
                    "spring.datasource.username=" + TestPostgres.user(),
                    "spring.datasource.password=" + TestPostgres.password(),
                    "spring.datasource.hikari.maximum-pool-size=1");

    static class Service {
        private final JdbcTemplate jdbc;

        Service(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Transactional
        public void insert(Runnable then) {
            jdbc.update("insert into spring_test values (1)");
            then.run();
        }

        @Transactional
        public void sleep() {
            jdbc.execute("select pg_sleep(30)");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PlainManager {
        @Bean
        DataSourceTransactionManager transactionManager(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }
    }

    private void run(Consumer<AssertableApplicationContext> test) {
        runner.run(context -> {
            context.getBean(JdbcTemplate.class).execute("select 1"); // has the pool started
            test.accept(context);
        });
    }

    private static void assertTimesOut(ContextOp op) {
        ManualTime time = new ManualTime();
        assertThatThrownBy(() -> passes(time, () -> time.root().runWithin(SHORT, op::run)))
                .isInstanceOf(QueryTimeoutException.class)
                .satisfies(e -> assertThat(ContextException.in(e)).isInstanceOf(DeadlineExceededException.class));
    }

    /** Time passes while the query runs: on a loaded machine it might before there is a connection. */
    private static void passes(ManualTime time, ContextOp op) {
        CompletableFuture<Void> clock = CompletableFuture.runAsync(() -> {
            await().until(() -> TestPostgres.sleeping(NAME) == 1);
            time.advance(SHORT);
        });
        try {
            op.run();
        } finally {
            clock.join();
        }
    }

    private interface ContextOp {
        void run();
    }

    @Test
    void jdbcTemplateAndJdbcClientSayQueryTimeout() {
        run(context -> {
            JdbcTemplate template = context.getBean(JdbcTemplate.class);
            JdbcClient client = context.getBean(JdbcClient.class);
            assertTimesOut(() -> template.execute("select pg_sleep(30)"));
            assertTimesOut(() -> template.queryForList("select pg_sleep(?)", 30));
            assertTimesOut(() -> template.batchUpdate("select pg_sleep(?)", List.<Object[]>of(new Object[] {30})));
            assertTimesOut(() ->
                    client.sql("select pg_sleep(:s)").param("s", 30).query().listOfRows());
            assertTimesOut(
                    () -> client.sql("do $$ begin perform pg_sleep(30); end $$").update());
            assertTimesOut(() -> context.getBean(Service.class).sleep());
            assertThat(client.sql("select 1").query(Integer.class).single()).isEqualTo(1);
        });
    }

    /** What a retry would take for transient is of no use to a client that has left. */
    @Test
    void aCanceledQueryIsNotTransient() {
        run(context -> {
            try (CancelableContext request = Context.background().withCancel()) {
                Thread client = new Thread(() -> {
                    await().until(() -> TestPostgres.sleeping(NAME) == 1);
                    request.cancel();
                });
                client.start();
                assertThatThrownBy(() ->
                                request.run(() -> context.getBean(Service.class).sleep()))
                        .isInstanceOf(NonTransientDataAccessException.class)
                        .satisfies(e -> assertThat(ContextException.in(e)).isInstanceOf(CanceledException.class));
            }
        });
    }

    @Test
    void aChildsDeadlineEndsItsQueryOnly() {
        run(context -> {
            JdbcTemplate template = context.getBean(JdbcTemplate.class);
            ManualTime time = new ManualTime();
            time.root().runWithin(Duration.ofSeconds(20), () -> {
                Context request = Context.current();
                assertThatThrownBy(() -> passes(
                                time, () -> request.runWithin(SHORT, () -> template.execute("select pg_sleep(30)"))))
                        .isInstanceOf(QueryTimeoutException.class);
                assertThat(request.isDone()).isFalse();
                assertThat(template.queryForObject("select 1", Integer.class)).isEqualTo(1);
            });
        });
    }

    @Test
    void theDependencysTimeoutLeavesTheCallerActiveForAFallback() {
        runner.withPropertyValues("context.dependencies.db.timeout=300ms").run(context -> {
            JdbcTemplate template = context.getBean(JdbcTemplate.class);
            ManualTime time = new ManualTime();
            time.root().runWithin(Duration.ofSeconds(20), () -> {
                assertThatThrownBy(() -> passes(time, () -> template.execute("select pg_sleep(30)")))
                        .isInstanceOf(QueryTimeoutException.class)
                        .rootCause()
                        .isInstanceOf(DependencyTimeoutException.class);
                assertThat(Context.current().isDone()).isFalse();
                assertThat(TestPostgres.activeQueries(NAME)).isZero();
                assertThat(template.queryForObject("select 1", Integer.class)).isEqualTo(1);
            });
            assertThat(template.queryForList("select pg_sleep(0.3)"))
                    .as("under no context")
                    .hasSize(1);
        });
    }

    @Test
    void aTransactionWhoseContextHasEndedIsNotCommitted() {
        run(this::endTransaction);
        runner.withUserConfiguration(PlainManager.class).run(this::endTransaction);
    }

    private void endTransaction(AssertableApplicationContext spring) {
        Service service = spring.getBean(Service.class);
        JdbcTemplate template = spring.getBean(JdbcTemplate.class);
        template.execute("create table if not exists spring_test (n int)");
        try (CancelableContext request = Context.background().withCancel()) {
            assertThatThrownBy(() -> request.run(() -> service.insert(request::cancel)))
                    .satisfies(e -> assertThat(ContextException.in(e)).isInstanceOf(CanceledException.class));
        }
        // One canceled query that the service has swallowed.
        assertThatThrownBy(() -> Context.background()
                        .runWithin(Duration.ofSeconds(20), () -> service.insert(() -> swallow(template))))
                .satisfies(e -> assertThat(ContextException.in(e)).isInstanceOf(DeadlineExceededException.class));
        assertThat(template.queryForObject("select count(*) from spring_test", Integer.class))
                .isZero();
        service.insert(() -> {});
        assertThat(template.queryForObject("select count(*) from spring_test", Integer.class))
                .isEqualTo(1);
        template.execute("drop table spring_test");
    }

    private static void swallow(JdbcTemplate template) {
        try {
            Context.current().runWithin(SHORT, () -> template.execute("select pg_sleep(30)"));
        } catch (DataAccessException e) {
            assertThat(e).isInstanceOf(QueryTimeoutException.class);
        }
    }
}
