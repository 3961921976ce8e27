package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.ManualTime;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

@Timeout(60)
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadTests {
    private static final String NAME = VirtualThreadTests.class.getSimpleName();

    /** Some get a connection and have their query canceled, the others have their wait for one ended. */
    @Test
    void queriesAndWaitsForConnectionsEndWithTheirContext() throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try (GuardedPool db = GuardedPool.postgres(VirtualThreadTests.class, 4)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(threads.submit(() -> {
                    assertThatThrownBy(() -> Context.background().runWithin(Duration.ofMillis(300), () -> sleep(db)))
                            .isInstanceOf(SQLTimeoutException.class);
                    return Thread.currentThread().isInterrupted();
                }));
            }
            for (Future<Boolean> each : all) {
                assertThat(each.get()).as("interrupted").isFalse();
            }
            await().untilAsserted(
                            () -> assertThat(TestPostgres.activeQueries(NAME)).isZero());
            await().untilAsserted(() -> assertThat(db.pool.getHikariPoolMXBean().getActiveConnections())
                    .isZero());
            assertThat(db.number("select 1")).isEqualTo(1);
        } finally {
            threads.shutdown();
        }
    }

    /** As a pool does that checks a connection before it gives it out: an interrupt would close its socket. */
    @Test
    void aDeadlineWhileThePoolAsksTheDatabaseCostsNoConnection() throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try (GuardedPool db = GuardedPool.postgres(VirtualThreadTests.class, 1);
                Connection lock = TestPostgres.connect("lock of " + NAME);
                Statement holder = lock.createStatement()) {
            int inTime = 0;
            for (int round = 0; round < 20 && inTime < 3; round++) {
                int backend = db.number("select pg_backend_pid()");
                ManualTime time = new ManualTime();
                holder.execute("select pg_advisory_lock(7)");
                Future<Boolean> acquiring = threads.submit(() -> {
                    assertThatThrownBy(() -> time.root().runWithin(Duration.ofSeconds(1), () -> checked(db)))
                            .isInstanceOf(SQLTimeoutException.class);
                    return Thread.currentThread().isInterrupted();
                });
                await().until(() -> db.pool.getHikariPoolMXBean().getActiveConnections() == 1);
                await().until(() -> waitsForALock(holder));
                long start = System.nanoTime();
                time.advance(Duration.ofSeconds(1));
                holder.execute("select pg_advisory_unlock(7)");
                assertThat(acquiring.get()).as("interrupted").isFalse();
                if (System.nanoTime() - start < Wait.PATIENCE.toNanos()) {
                    inTime++;
                    assertThat(db.number("select pg_backend_pid()")).isEqualTo(backend);
                }
            }
            assertThat(inTime).isEqualTo(3);
        } finally {
            threads.shutdown();
        }
    }

    private static void checked(GuardedPool db) throws SQLException {
        DataSourceGuard guard = db.guardWith(GuardedPool.ABORT_AFTER);
        guard.getConnection(() -> {
                    Connection connection = db.pool.getConnection();
                    try (Statement check = connection.createStatement()) {
                        check.execute("select pg_advisory_lock(7), pg_advisory_unlock(7)");
                        return connection;
                    } catch (SQLException broken) {
                        connection.close();
                        throw broken;
                    }
                })
                .close();
    }

    private static boolean waitsForALock(Statement observer) throws SQLException {
        try (ResultSet rows = observer.executeQuery(
                "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = '" + NAME
                        + "'")) {
            return rows.next();
        }
    }

    private static void sleep(GuardedPool db) throws SQLException {
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_sleep(30)");
        }
    }
}
