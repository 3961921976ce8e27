package io.github.context4j.spring.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.autoconfigure.ContextAutoConfiguration;
import io.github.context4j.spring.autoconfigure.ContextJdbcAutoConfiguration;
import io.github.context4j.spring.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

class TransactionCompletionContextTests {
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextJdbcAutoConfiguration.class,
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.url=" + TestPostgres.url("TransactionCompletionContextTests"),
                    "spring.datasource.username=" + TestPostgres.user(),
                    "spring.datasource.password=" + TestPostgres.password(),
                    "spring.datasource.hikari.maximum-pool-size=2");

    @Test
    void callbacksAfterACommitRunAlthoughTheContextEndsMeanwhile() {
        runner.run(application -> {
            TransactionTemplate transactions =
                    new TransactionTemplate(application.getBean(PlatformTransactionManager.class));
            JdbcTemplate jdbc = application.getBean(JdbcTemplate.class);
            List<String> seen = new ArrayList<>();
            try (CancelableContext caller = Context.background().withCancel()) {
                caller.run(() -> {
                    transactions.executeWithoutResult(status -> {
                        assertThat(jdbc.queryForObject("select 1", Integer.class))
                                .isEqualTo(1);
                        TransactionSynchronizationManager.registerSynchronization(new Callback(seen, jdbc, caller));
                    });
                    assertThat(Context.current()).isSameAs(caller);
                });
            }
            assertThat(seen).containsExactly("commit ACTIVE 1", "completion ACTIVE 1");
            assertThat(CurrentContext.get()).isNull();
        });
    }

    @Test
    void callbacksAfterARollbackRunUnderAContextThatIsNotDone() {
        runner.run(application -> {
            TransactionTemplate transactions =
                    new TransactionTemplate(application.getBean(PlatformTransactionManager.class));
            JdbcTemplate jdbc = application.getBean(JdbcTemplate.class);
            List<String> seen = new ArrayList<>();
            try (CancelableContext caller = Context.background().withCancel()) {
                assertThatThrownBy(() -> caller.run(() -> transactions.executeWithoutResult(status -> {
                            TransactionSynchronizationManager.registerSynchronization(new Callback(seen, jdbc, caller));
                            caller.cancel();
                            jdbc.queryForObject("select 1", Integer.class);
                        })))
                        .hasRootCauseInstanceOf(io.github.context4j.CanceledException.class);
            }
            assertThat(seen).containsExactly("completion ACTIVE 1");
        });
    }

    /** Ends the caller's context and then uses the database, as the writer of an outbox would. */
    private record Callback(List<String> seen, JdbcTemplate jdbc, CancelableContext caller)
            implements TransactionSynchronization {
        @Override
        public void afterCommit() {
            caller.cancel();
            note("commit");
        }

        @Override
        public void afterCompletion(int status) {
            note("completion");
        }

        private void note(String when) {
            seen.add(when + " " + Context.current().state() + " " + jdbc.queryForObject("select 1", Integer.class));
        }
    }
}
