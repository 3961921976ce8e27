package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import io.github.context4j.Context;
import io.github.context4j.spring.testing.TcpProxy;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contexts that end at any time of a transaction. */
@Timeout(120)
class TransactionRaceTests {
    private static final Context ROOT = Context.background();

    @SuppressWarnings("NullAway.Init") // each test opens it
    private GuardedPool db;

    private void open(Engine engine) throws SQLException {
        db = engine.open();
    }

    @AfterEach
    void close() {
        assertThat(db.calls.inFlight()).isEmpty();
        db.close();
    }

    private int rows() throws SQLException {
        return db.number("select count(*) from t");
    }

    /** The driver sends BEGIN ahead of the first statement; a cancel that hit it would have the INSERT commit by itself. */
    @Test
    void cancelsHammeredOnTheFirstInsertLeaveNoRow() throws Exception {
        open(Engine.POSTGRES);
        int rounds = Boolean.getBoolean("context4j.stress") ? 50_000 : 1_000;
        int canceled = 0;
        for (int i = 0; i < rounds; i++) {
            // Up to 34 ms, each order of magnitude as often as the others: no machine is too fast or too slow.
            long nanos = ThreadLocalRandom.current()
                    .nextLong(1L << ThreadLocalRandom.current().nextInt(16, 26));
            canceled += firstInsertWithin(Duration.ofNanos(nanos), db);
        }
        assertThat(rows()).isZero();
        assertThat(canceled).as("cancels that hit the INSERT").isGreaterThan(rounds / 100);
    }

    /** As above, with every BEGIN held back in the network until its context has ended and a cancel could be on its way. */
    @Test
    void aContextThatEndsDuringBeginLeavesNoRow() throws Exception {
        open(Engine.POSTGRES);
        int rounds = 100;
        try (TcpProxy proxy = new TcpProxy(TestPostgres.host(), TestPostgres.port())) {
            HikariConfig config = Engine.POSTGRES.config();
            config.setJdbcUrl(TestPostgres.url(proxy.host(), proxy.port(), "begin"));
            int canceled = 0;
            try (GuardedPool slow = new GuardedPool(config, null, GuardedPool.ABORT_AFTER)) {
                proxy.holdBegins(Duration.ofMillis(50));
                for (int i = 0; i < rounds; i++) {
                    canceled += firstInsertWithin(Duration.ofMillis(5), slow);
                }
            }
            assertThat(rows()).isZero();
            assertThat(proxy.begins())
                    .as("BEGINs under a context that ended meanwhile")
                    .isGreaterThan(rounds * 3 / 4);
            assertThat(canceled).as("INSERTs that were sent").isLessThan(rounds / 4);
        }
    }

    /** Returns 1 if the database said that the INSERT was canceled, 0 if it was not sent. */
    private static int firstInsertWithin(Duration timeout, GuardedPool db) throws SQLException {
        Connection connection = db.getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            ROOT.runWithin(timeout, () -> statement.executeUpdate("insert into t select 1 from pg_sleep(0.01)"));
            return 0;
        } catch (SQLException e) {
            assertThat((Throwable) e).isInstanceOf(SQLTimeoutException.class);
            return e.getSuppressed().length;
        } finally {
            rollback(db, connection);
            connection.close();
        }
    }

    /** Fails only where a loaded machine took so long for a cancel that the connection had to be aborted. */
    private static void rollback(GuardedPool db, Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException aborted) {
            db.assertUnknown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void thereAreAsManyRowsAsReportedSuccesses(Engine engine) throws Exception {
        open(engine);
        AtomicInteger reported = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        ExecutorService workers = Executors.newFixedThreadPool(4);
        List<Future<?>> all = new ArrayList<>();
        for (int worker = 0; worker < 4; worker++) {
            all.add(workers.submit(() -> {
                for (int i = 0; i < 750; i++) {
                    // From a microsecond to a hundred milliseconds, each order of magnitude as often as the others.
                    Duration tiny = Duration.ofNanos(
                            (long) Math.pow(10, ThreadLocalRandom.current().nextDouble(3, 8)));
                    try {
                        reported.addAndGet(ROOT.callWithin(tiny, i % 3 == 0 ? this::insertOne : this::insertTwo));
                    } catch (SQLException e) {
                        failed.incrementAndGet();
                    }
                }
                return null;
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        workers.shutdown();
        assertThat(rows()).isEqualTo(reported.get());
        assertThat(failed.get()).as("failures").isGreaterThan(20);
        assertThat(reported.get()).as("successes").isGreaterThan(20);
    }

    private int insertOne() throws SQLException {
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate("insert into t values (1)");
        }
    }

    private int insertTwo() throws SQLException {
        try (Connection connection = db.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                int rows = statement.executeUpdate("insert into t values (2)")
                        + statement.executeUpdate("insert into t values (3)");
                connection.commit();
                return rows;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }
}
