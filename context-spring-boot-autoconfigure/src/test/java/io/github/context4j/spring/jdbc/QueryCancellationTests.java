package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueryCancellationTests {
    private static final String NAME = QueryCancellationTests.class.getSimpleName();
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Context ROOT = Context.background();

    private static GuardedPool db;
    private Connection connection;

    @BeforeAll
    static void open() {
        db = GuardedPool.postgres(QueryCancellationTests.class, 1);
    }

    @AfterAll
    static void close() {
        db.close();
    }

    @BeforeEach
    void borrow() throws SQLException {
        db.cancels.clear();
        db.ended.clear();
        connection = db.getConnection();
    }

    @AfterEach
    void handBack() throws SQLException {
        connection.close();
        await().untilAsserted(() ->
                assertThat(db.pool.getHikariPoolMXBean().getIdleConnections()).isEqualTo(1));
        assertThat(db.calls.inFlight()).isEmpty();
    }

    @Test
    void aQueryThatOutlivesItsDeadlineIsCanceledInTheDatabase() throws SQLException {
        int backend = backend(connection);

        assertThatThrownBy(() -> ROOT.runWithin(Duration.ofSeconds(1), () -> execute("select pg_sleep(30)")))
                .isInstanceOf(SQLTimeoutException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("57014"))
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

        try {
            execute("select 1"); // the same connection, as good as before
            assertThat(backend(connection)).isEqualTo(backend);
        } catch (SQLException aborted) {
            db.assertUnknown();
        }
        await().untilAsserted(() -> assertThat(TestPostgres.activeQueries(NAME)).isZero());
        db.assertSent();
        assertThat(db.ended).contains("execute deadline_exceeded");
    }

    @Test
    void aQueryWhoseContextIsCanceledIsCanceledInTheDatabase() {
        try (CancelableContext request = ROOT.withCancel()) {
            cancelOnceAsleep(request);
            assertThatThrownBy(() -> request.run(() -> execute("select pg_sleep(30)")))
                    .isInstanceOf(SQLException.class)
                    .isNotInstanceOf(SQLTimeoutException.class)
                    .hasCauseInstanceOf(CanceledException.class)
                    .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("57000"));
        }
        assertThat(db.ended).containsExactly("execute canceled");
    }

    @Test
    void nothingIsSentUnderAContextThatIsDone() {
        try (CancelableContext request = ROOT.withCancel()) {
            request.cancel();
            assertThatThrownBy(() -> request.run(() -> execute("drop table nothing_like_this")))
                    .hasCauseInstanceOf(CanceledException.class)
                    .hasNoSuppressedExceptions();
        }
        assertThat(db.cancels).isEmpty();
    }

    @Test
    void aChildsTimeoutKillsItsQueryAndTheOuterContextGoesOn() throws SQLException {
        ROOT.<SQLException>runWithin(Duration.ofSeconds(20), () -> {
            Context outer = Context.current();
            assertThatThrownBy(() -> outer.runWithin(SHORT, () -> execute("select pg_sleep(30)")))
                    .isInstanceOf(SQLTimeoutException.class);
            assertThat(outer.isDone()).isFalse();
            assertThat(backend(connection)).isPositive();
        });
    }

    @Test
    void aContextThatEndsAroundTheStartOfAQueryNeverLeavesItRunning() {
        int canceled = 0;
        for (int i = 0; i < 400; i++) {
            Duration tiny = Duration.ofNanos(i * 2000L);
            try {
                ROOT.runWithin(tiny, () -> execute("select pg_sleep(20)"));
            } catch (SQLException e) {
                canceled += e.getSuppressed().length;
            }
        }
        assertThat(canceled).as("those that had begun").isGreaterThan(20);
    }

    /** The context ends after it was found active and before the driver is called. */
    @Test
    void aContextThatEndsBetweenCheckAndCallCancelsTheCall() throws Exception {
        ReentrantLock gate = ((GuardedConnection) connection).session.lock;
        try (CancelableContext request = ROOT.withCancel()) {
            FutureTask<Throwable> query =
                    new FutureTask<>(() -> catchThrowable(() -> request.run(() -> execute("select pg_sleep(20)"))));
            Thread worker = new Thread(query);
            gate.lock();
            try {
                worker.start();
                await().until(() -> gate.hasQueuedThread(worker));
                request.cancel();
            } finally {
                gate.unlock();
            }
            assertThat(query.get()).hasCauseInstanceOf(CanceledException.class);
        }
        db.assertSent();
    }

    @Test
    void aQueryThatSwallowsACancelGetsAnother() throws SQLException {
        execute("create or replace function pg_temp.stubborn() returns void language plpgsql as $$ begin"
                + " begin perform pg_sleep(30); exception when query_canceled then null; end;"
                + " perform pg_sleep(30); end $$");
        try (CancelableContext request = ROOT.withCancel()) {
            cancelOnceAsleep(request);
            assertThatThrownBy(() -> request.run(() -> execute("select pg_temp.stubborn()")))
                    .hasCauseInstanceOf(CanceledException.class);
        }
        assertThat(db.cancels).hasSizeGreaterThan(1);
        db.assertSent();
    }

    @Test
    void theFetchOfACursorIsCanceled() throws SQLException {
        connection.setAutoCommit(false);
        try (CancelableContext request = ROOT.withCancel();
                Statement statement = connection.createStatement()) {
            statement.setFetchSize(2);
            cancelOnceAsleep(request);
            assertThatThrownBy(() -> request.run(() -> {
                        ResultSet rows = statement.executeQuery(
                                "select case when g > 4 then pg_sleep(30)::text end from generate_series(1, 9) g");
                        for (int row = 1; row <= 4; row++) {
                            assertThat(rows.next()).isTrue();
                        }
                        rows.next();
                    }))
                    .hasCauseInstanceOf(CanceledException.class)
                    .satisfies(e ->
                            assertThat(e.getSuppressed()).as("by the database").hasSize(1));
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    @Test
    void rowsInMemoryAreNotToBeHadOnceTheContextIsDone() throws SQLException {
        try (CancelableContext request = ROOT.withCancel();
                Statement statement = connection.createStatement()) {
            ResultSet rows = request.call(() -> statement.executeQuery("select generate_series(1, 3)"));
            assertThat(rows.next()).isTrue();
            request.cancel();
            assertThatThrownBy(rows::next).hasCauseInstanceOf(CanceledException.class);
        }
    }

    @Test
    void generatedKeysAreToBeHadEvenThen() throws SQLException {
        execute("create temporary table keyed (id serial primary key, name text)");
        try (CancelableContext request = ROOT.withCancel();
                PreparedStatement statement = connection.prepareStatement(
                        "insert into keyed (name) values ('a')", Statement.RETURN_GENERATED_KEYS)) {
            request.run(() -> {
                assertThat(statement.executeUpdate()).isEqualTo(1);
                request.cancel();
                ResultSet keys = statement.getGeneratedKeys();
                assertThat(keys.next()).isTrue();
                assertThat(keys.getInt(1)).isEqualTo(1);
                assertThat(keys.getStatement()).isSameAs(statement);
            });
        }
    }

    @Test
    void aBatchWithReturningBehindALockIsCanceled() throws SQLException {
        execute("create table if not exists locked (id serial primary key, n int)");
        execute("insert into locked (n) values (1)");
        try (Connection other = TestPostgres.connect(NAME + "-other");
                Statement holder = other.createStatement();
                PreparedStatement batch =
                        connection.prepareStatement("update locked set n = ?", Statement.RETURN_GENERATED_KEYS)) {
            other.setAutoCommit(false);
            holder.execute("update locked set n = 2");
            for (int n = 3; n < 6; n++) {
                batch.setInt(1, n);
                batch.addBatch();
            }
            assertThatThrownBy(() -> ROOT.runWithin(SHORT, batch::executeBatch))
                    .isInstanceOf(SQLTimeoutException.class);
            other.rollback();
        } finally {
            execute("drop table locked");
        }
    }

    @Test
    void aFailureThatIsNoCancellationStaysWhatItIs() {
        assertThatThrownBy(() -> ROOT.runWithin(Duration.ofSeconds(20), () -> execute("select 1 / 0")))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("22012"));
        assertThat(db.ended).containsExactly("execute failed");
    }

    @Test
    void wrappersLeadToEachOtherAndToThePool() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select 1");
                ResultSet rows = statement.executeQuery()) {
            assertThat(rows.getStatement()).isSameAs(statement);
            assertThat(statement.getConnection()).isSameAs(connection);
            assertThat(connection.isWrapperFor(org.postgresql.PGConnection.class))
                    .isTrue();
            assertThat(connection.unwrap(org.postgresql.PGConnection.class).getBackendPID())
                    .isPositive();
            assertThat(statement.unwrap(org.postgresql.PGStatement.class)).isNotNull();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int backend(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    private static void cancelOnceAsleep(CancelableContext context) {
        Thread client = new Thread(() -> {
            await().until(() -> TestPostgres.sleeping(NAME) == 1);
            context.cancel();
        });
        client.start();
    }
}
