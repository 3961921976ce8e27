package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import io.github.context4j.Context;
import io.github.context4j.ManualTime;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.testing.TcpProxy;
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
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cancel names a connection, not a query: whoever has the connection when it arrives is hit. */
@Timeout(600)
class InnocentBorrowersTests {
    private static final String NAME = InnocentBorrowersTests.class.getSimpleName();
    private static final int WORKERS = 8;
    private static final int ROUNDS = 5;
    private static final String UNTIL_UNLOCKED = "do $$ begin perform pg_advisory_xact_lock(12); end $$";
    private static final int QUERIES = Boolean.getBoolean("context4j.stress") ? 400_000 : 50_000;

    /**
     * The cancel arrives when the query has ended by itself and the connection could be somebody else's. On a machine that stands
     * still it hits the query or takes too long; then the test is repeated.
     */
    @Test
    void aSlowCancelHitsNobodyElse() throws Exception {
        try (TcpProxy proxy = new TcpProxy(TestPostgres.host(), TestPostgres.port());
                GuardedPool db = through(proxy, "")) {
            proxy.delayCancels(Duration.ofMillis(500));
            for (int round = 0; round < ROUNDS; round++) {
                db.cancels.clear();
                int before = proxy.cancels();
                int backend = db.number("select pg_backend_pid()");

                boolean hit = isHitByItsCancel(db);
                sleep(db, "0.7");

                assertThat(proxy.cancels() - before).isEqualTo(1);
                if (!hit && !db.cancels.contains(CancelResult.UNKNOWN)) {
                    assertThat(db.cancels).containsExactly(CancelResult.SENT);
                    assertThat(db.number("select pg_backend_pid()")).isEqualTo(backend);
                    return;
                }
            }
        }
        throw new AssertionError("no cancel was late and certain");
    }

    /** The driver has given the cancel up without a word, and it arrives all the same. */
    @Test
    void aCancelOfUnknownOutcomeCostsTheConnectionAndHitsNobodyElse() throws Exception {
        try (TcpProxy proxy = new TcpProxy(TestPostgres.host(), TestPostgres.port());
                GuardedPool db = through(proxy, "&cancelSignalTimeout=1")) {
            int backend = db.number("select pg_backend_pid()");
            proxy.delayCancels(Duration.ofMillis(1600));

            assertThat(isHitByItsCancel(db)).isFalse();
            sleep(db, "1");

            assertThat(proxy.cancels()).isEqualTo(1);
            assertThat(db.cancels).containsExactlyInAnyOrder(CancelResult.UNKNOWN, CancelResult.ABORTED);
            assertThat(db.number("select pg_backend_pid()")).isNotEqualTo(backend);
        }
    }

    private static GuardedPool through(TcpProxy proxy, String options) {
        HikariConfig config = TestPostgres.poolConfig(NAME, 1);
        config.setJdbcUrl(TestPostgres.url(proxy.host(), proxy.port(), NAME) + options);
        return new GuardedPool(config, null, GuardedPool.ABORT_AFTER);
    }

    /**
     * Waits for a lock that is free as soon as the context is done. It is an update, whose success stands although its context is
     * done by then.
     */
    private static boolean isHitByItsCancel(GuardedPool db) throws Exception {
        ManualTime time = new ManualTime();
        try (Connection lock = TestPostgres.connect("lock of " + NAME);
                Statement holder = lock.createStatement()) {
            holder.execute("select pg_advisory_lock(12)");
            FutureTask<?> client = new FutureTask<>(() -> {
                try {
                    await().until(() -> TestPostgres.waitingForLocks(NAME) == 1);
                    time.advance(Duration.ofSeconds(1));
                } finally {
                    holder.execute("select pg_advisory_unlock(12)");
                }
                return null;
            });
            new Thread(client).start();
            try (Connection connection = db.getConnection();
                    Statement statement = connection.createStatement()) {
                time.root().runWithin(Duration.ofSeconds(1), () -> statement.executeUpdate(UNTIL_UNLOCKED));
                return false;
            } catch (SQLTimeoutException e) {
                return true;
            } finally {
                client.get();
            }
        }
    }

    private static void sleep(GuardedPool db, String seconds) throws SQLException {
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_sleep(" + seconds + ")");
        }
    }

    private static final class Counts {
        final AtomicInteger left = new AtomicInteger(QUERIES);
        final AtomicInteger canceled = new AtomicInteger();
        final AtomicInteger victims = new AtomicInteger();
        final AtomicInteger interrupts = new AtomicInteger();
    }

    @Test
    void shortQueriesAmongManyCancelsAllComeThrough() throws Exception {
        try (GuardedPool db = GuardedPool.postgres(InnocentBorrowersTests.class, 4)) {
            Counts counts = new Counts();
            await().until(() -> db.pool.getHikariPoolMXBean().getIdleConnections() == 4);
            List<Integer> before = TestPostgres.backends(NAME);
            ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                all.add(workers.submit(() -> {
                    work(db, counts);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            workers.shutdown();

            assertThat(counts.victims).hasValue(0);
            assertThat(counts.interrupts).hasValue(0);
            assertThat(counts.canceled.get()).as("cancels that landed").isGreaterThan(QUERIES / 1_000);
            await().untilAsserted(() -> assertThat(db.pool.getHikariPoolMXBean().getIdleConnections())
                    .isEqualTo(4));
            assertThat(db.pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(4);
            db.assertKept(before, NAME);
            assertThat(db.calls.inFlight()).isEmpty();
        }
    }

    private static void work(GuardedPool db, Counts counts) {
        while (counts.left.getAndDecrement() > 0) {
            if (ThreadLocalRandom.current().nextInt(8) == 0) {
                long micros = ThreadLocalRandom.current().nextLong(200, 2500);
                try {
                    Context.background()
                            .runWithin(Duration.ofNanos(micros * 1000), () -> query(db, "select pg_sleep(0.001)"));
                } catch (SQLException e) {
                    counts.canceled.addAndGet(landed(e));
                }
            } else {
                try {
                    query(db, "select 1");
                } catch (SQLException e) {
                    counts.victims.incrementAndGet();
                }
            }
            if (Thread.interrupted()) {
                counts.interrupts.incrementAndGet();
            }
        }
    }

    private static int landed(SQLException e) {
        return e.getSuppressed().length == 1
                        && e.getSuppressed()[0] instanceof SQLException driver
                        && "57014".equals(driver.getSQLState())
                ? 1
                : 0;
    }

    private static void query(GuardedPool db, String sql) throws SQLException {
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
        }
    }
}
