package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.ManualTime;
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
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class DependencyTimeoutTests {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** The wait takes real time, of which a machine may need more; the time of the operations passes when the test says so. */
    private static final Duration WAIT = Duration.ofSeconds(1);

    private static final String QUERY = "select pg_advisory_xact_lock(13)";

    private final ManualTime time = new ManualTime();

    /** The wait for the connection counts for the first operation; every other has the whole time-out. */
    @Test
    void waitingForTheConnectionUsesUpTimeOfTheFirstOperation() throws Exception {
        String name = getClass().getSimpleName();
        try (GuardedPool db = new GuardedPool(TestPostgres.poolConfig(name, 1), TIMEOUT, GuardedPool.ABORT_AFTER);
                Connection lock = TestPostgres.connect("lock of " + name);
                Statement holder = lock.createStatement()) {
            holder.execute("select pg_advisory_lock(13)");
            Connection taken = db.getConnection();
            FutureTask<?> other = new FutureTask<>(() -> {
                await().until(() -> db.calls.inFlight().size() == 1);
                await().pollDelay(WAIT).until(() -> true);
                taken.close();
                try {
                    for (int operation = 0; operation < 2; operation++) {
                        int ended = operation;
                        await().until(() -> db.ended.size() == ended && TestPostgres.waitingForLocks(name) == 1);
                        time.advance(TIMEOUT.minus(WAIT));
                    }
                    await().pollDelay(Duration.ofMillis(300)).until(() -> true); // time for a cancel to do its harm
                } finally {
                    holder.execute("select pg_advisory_unlock(13)");
                }
                return null;
            });
            new Thread(other).start();
            time.root().runWithin(TIMEOUT.multipliedBy(5), () -> {
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
            other.get();
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
}
