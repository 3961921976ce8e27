package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyTimeoutException;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DependencyTimeoutTests {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final String QUERY = "select pg_sleep(0.9)";

    /** The wait for the connection counts for the first operation; every other has the whole time-out. */
    @Test
    void waitingForTheConnectionUsesUpTimeOfTheFirstOperation() throws Exception {
        try (GuardedPool db = new GuardedPool(
                TestPostgres.poolConfig(getClass().getSimpleName(), 1), TIMEOUT, GuardedPool.ABORT_AFTER)) {
            Connection taken = db.getConnection();
            CompletableFuture<Void> release = CompletableFuture.runAsync(
                    () -> close(taken), CompletableFuture.delayedExecutor(1400, TimeUnit.MILLISECONDS));
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

    @Test
    void aDependencyThatIsNamedExplicitlyReplacesThatOfTheDataSource() throws SQLException {
        try (GuardedPool db = pool(Duration.ofMillis(50), Mode.ENFORCE)) {
            Dependencies all = new Dependencies(List.of(new Dependency("slow", Duration.ofSeconds(30))), db.calls);
            assertThat(all.<Integer, SQLException>call("slow", () -> query(db))).isEqualTo(1);
            assertThat(db.ended).containsExactly("call completed");
        }
    }

    @Test
    void inObserveModeATimeoutIsOnlyCounted() throws SQLException {
        try (GuardedPool db = pool(Duration.ofMillis(50), Mode.OBSERVE)) {
            assertThat(Context.background().<Integer, SQLException>callWithin(Duration.ofSeconds(30), () -> query(db)))
                    .isEqualTo(1);
            assertThat(db.ended).containsExactly("query deadline_exceeded");
            assertThat(db.cancels).isEmpty();
        }
    }

    @Test
    void theThreadsThatCancelAreAtMostFourAndGoWhenThereIsNothingToDo() throws SQLException {
        try (GuardedPool db = pool(Duration.ofMillis(50), Mode.ENFORCE)) {
            for (int i = 0; i < 6; i++) {
                assertThatThrownBy(() -> Context.background().runWithin(Duration.ofSeconds(30), () -> query(db)))
                        .isInstanceOf(SQLTimeoutException.class);
            }
            assertThat(cancellers(db)).isBetween(1L, 4L);
            await().atMost(Duration.ofSeconds(30)).until(() -> cancellers(db) == 0);
        }
    }

    private static long cancellers(GuardedPool db) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("context-cancel-" + db.name + "-"))
                .count();
    }

    private GuardedPool pool(Duration timeout, Mode mode) throws SQLException {
        GuardedPool db = new GuardedPool(
                TestPostgres.poolConfig(getClass().getSimpleName(), 1), timeout, GuardedPool.ABORT_AFTER, mode);
        db.prepare("select 1"); // under no time-out, until the pool has started
        return db;
    }

    private static int query(GuardedPool db) throws SQLException {
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select 1 from pg_sleep(0.3)")) {
            rows.next();
            return rows.getInt(1);
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
