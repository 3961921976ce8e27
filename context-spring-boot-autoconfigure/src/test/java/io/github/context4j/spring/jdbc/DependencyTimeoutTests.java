package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context;
import io.github.context4j.spring.DependencyTimeoutException;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DependencyTimeoutTests {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final String QUERY = "select pg_sleep(0.7)";

    /** The wait for the connection counts for the first operation; every other has the whole time-out. */
    @Test
    void waitingForTheConnectionUsesUpTimeOfTheFirstOperation() throws Exception {
        try (GuardedPool db = new GuardedPool(
                TestPostgres.poolConfig(getClass().getSimpleName(), 1), TIMEOUT, GuardedPool.ABORT_AFTER)) {
            Connection taken = db.getConnection();
            CompletableFuture<Void> release = CompletableFuture.runAsync(
                    () -> close(taken), CompletableFuture.delayedExecutor(600, TimeUnit.MILLISECONDS));
            Context.background().runWithin(Duration.ofSeconds(30), () -> {
                try (Connection connection = db.getConnection();
                        Statement statement = connection.createStatement()) {
                    assertThatThrownBy(() -> statement.execute(QUERY))
                            .isInstanceOf(SQLTimeoutException.class)
                            .rootCause()
                            .isInstanceOf(DependencyTimeoutException.class);
                    assertThat(statement.execute(QUERY)).isTrue();
                    assertThat(Context.current().isDone()).isFalse();
                }
            });
            release.join();
            assertThat(db.ended).containsExactly("execute deadline_exceeded", "execute completed");
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
