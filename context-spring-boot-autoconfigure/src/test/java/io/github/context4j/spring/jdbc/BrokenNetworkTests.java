package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.testing.TcpProxy;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A network in which packets stop: no driver call returns, and cancels do not either. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // nothing else ends a read that is stuck
class BrokenNetworkTests {
    private static final Context ROOT = Context.background();
    private static final Duration ABORT_AFTER = Duration.ofMillis(250);

    private final TcpProxy proxy = new TcpProxy(TestPostgres.host(), TestPostgres.port());

    @SuppressWarnings("NullAway.Init") // each test opens it
    private GuardedPool db;

    private void open(int size) {
        String name = getClass().getSimpleName();
        HikariConfig config = TestPostgres.poolConfig(name, size);
        config.setJdbcUrl(TestPostgres.url(proxy.host(), proxy.port(), name));
        config.setValidationTimeout(250);
        db = new GuardedPool(config, null, ABORT_AFTER);
        await().until(() -> db.pool.getHikariPoolMXBean().getIdleConnections() == size);
    }

    @AfterEach
    void close() throws Exception {
        proxy.thaw();
        db.close();
        proxy.close();
    }

    @Test
    void fortyFrozenQueriesAreFreedAndThePoolRecovers() throws Exception {
        int queries = 40;
        open(queries);
        ExecutorService workers = Executors.newFixedThreadPool(queries);
        CountDownLatch running = new CountDownLatch(queries);
        CountDownLatch frozen = new CountDownLatch(1);
        List<Future<Long>> all = new ArrayList<>();
        for (int i = 0; i < queries; i++) {
            all.add(workers.submit(() -> frozenQuery(running, frozen)));
        }
        running.await();
        proxy.freeze();
        frozen.countDown();

        for (Future<Long> each : all) {
            assertThat(Duration.ofNanos(each.get())).isBetween(Duration.ofMillis(600), Duration.ofSeconds(20));
        }
        await().untilAsserted(() -> assertThat(db.cancels.stream().filter(CancelResult.ABORTED::equals))
                .hasSize(queries));
        assertThat(db.calls.inFlight()).isEmpty();

        proxy.thaw();
        List<Future<Integer>> after = new ArrayList<>();
        for (int i = 0; i < queries; i++) {
            after.add(workers.submit(() -> db.number("select 1")));
        }
        for (Future<Integer> each : after) {
            assertThat(each.get()).isEqualTo(1);
        }
        workers.shutdown();
    }

    private long frozenQuery(CountDownLatch running, CountDownLatch frozen) throws Exception {
        long start;
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            running.countDown();
            frozen.await();
            start = System.nanoTime();
            assertThatThrownBy(() ->
                            ROOT.runWithin(Duration.ofMillis(400), () -> statement.execute("select pg_sleep(30)")))
                    .isInstanceOf(SQLTimeoutException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class);
            assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);
            connection.rollback();
        }
        return System.nanoTime() - start;
    }

    @Test
    void acquiringFromAFrozenIdlePoolIsBounded() {
        open(2);
        // After half a second the pool asks a connection whether it is alive before it gives it out.
        await().pollDelay(Duration.ofMillis(700)).until(() -> true);
        proxy.freeze();
        acquireInVain();
    }

    @Test
    void acquiringFromAnExhaustedPoolIsBounded() throws SQLException {
        open(1);
        try (Connection taken = db.getConnection()) {
            acquireInVain();
            assertThat(taken.isValid(1)).isTrue();
        }
        assertThat(db.number("select 1")).isEqualTo(1);
    }

    private void acquireInVain() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> ROOT.runWithin(Duration.ofMillis(200), db::getConnection))
                .isInstanceOf(SQLTimeoutException.class)
                .satisfies(e -> assertThat(ContextException.in(e)).isInstanceOf(DeadlineExceededException.class));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(Duration.ofSeconds(8)); // the pool itself waits for ten
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(db.ended).containsExactly("acquire deadline_exceeded");
    }

    @Test
    void anInterruptOfSomebodyElseIsKept() throws SQLException {
        open(1);
        try (Connection taken = db.getConnection()) {
            assertThat(taken.isClosed()).isFalse();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ROOT.runWithin(Duration.ofSeconds(30), db::getConnection))
                    .isInstanceOf(SQLException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aFrozenCommitIsAbortedAndItsOutcomeUnknown() throws SQLException {
        open(1);
        db.prepare("create table if not exists frozen (n int)");
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("insert into frozen values (1)");
            proxy.freeze();
            assertThatThrownBy(() -> ROOT.runWithin(Duration.ofSeconds(1), connection::commit))
                    .isInstanceOf(SQLException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class)
                    .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("08007"));
            assertThatThrownBy(connection::commit)
                    .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("08003"));
        }
        proxy.thaw();
        await().untilAsserted(() -> assertThat(db.cancels).containsExactly(CancelResult.ABORTED));
        db.prepare("drop table frozen");
    }

    @Test
    void aFrozenRollbackUnderADoneContextIsBounded() throws SQLException {
        open(1);
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select 1");
            proxy.freeze();
            assertThatThrownBy(() -> ROOT.runWithin(Duration.ZERO, () -> connection.rollback()))
                    .isInstanceOf(SQLException.class);
            connection.rollback(); // gone with the connection
        }
        proxy.thaw();
        assertThat(db.number("select 1")).isEqualTo(1);
    }
}
