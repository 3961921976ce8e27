package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.ManualTime;
import io.github.context4j.spring.testing.TestPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTimeoutException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

@Timeout(120)
class TransactionTests {
    private static final Context ROOT = Context.background();
    private static final Duration SHORT = Duration.ofMillis(50);

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

    /** Fails only where a loaded machine took so long for a cancel that the connection had to be aborted. */
    private void switchAutoCommit(Connection connection, boolean on) throws SQLException {
        try {
            connection.setAutoCommit(on);
        } catch (SQLNonTransientConnectionException aborted) {
            db.assertUnknown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void commitFailsAfterAChildsDeadlineThatTheCallerSwallowed(Engine engine) throws SQLException {
        open(engine);
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            ROOT.<SQLException>runWithin(Duration.ofSeconds(60), () -> {
                statement.executeUpdate("insert into t values (1)");
                assertThatThrownBy(() -> Context.current().runWithin(SHORT, () -> statement.execute(engine.endless)))
                        .isInstanceOf(SQLTimeoutException.class);
                assertThatThrownBy(connection::commit)
                        .isInstanceOf(SQLTimeoutException.class)
                        .hasCauseInstanceOf(DeadlineExceededException.class);
                switchAutoCommit(connection, true);
            });
        }
        assertThat(rows()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void switchingAutoCommitOnIsACommitToo(Engine engine) throws SQLException {
        open(engine);
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement();
                CancelableContext request = ROOT.withCancel()) {
            connection.setAutoCommit(false);
            request.run(() -> {
                statement.executeUpdate("insert into t values (1)");
                request.cancel();
                assertThatThrownBy(() -> connection.setAutoCommit(true)).isInstanceOf(SQLException.class);
                connection.setAutoCommit(true);
            });
            assertThat(connection.getAutoCommit()).isTrue();
        }
        assertThat(rows()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void switchingAutoCommitOffAgainLeavesADoomedTransactionDoomed(Engine engine) throws SQLException {
        open(engine);
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            ROOT.<SQLException>runWithin(Duration.ofSeconds(60), () -> {
                statement.executeUpdate("insert into t values (1)");
                assertThatThrownBy(() -> Context.current().runWithin(SHORT, () -> statement.execute(engine.endless)))
                        .isInstanceOf(SQLTimeoutException.class);
                switchAutoCommit(connection, false);
                assertThatThrownBy(connection::commit).isInstanceOf(SQLTimeoutException.class);
                switchAutoCommit(connection, true);
            });
        }
        assertThat(rows()).isZero();
    }

    /** As with frameworks that bracket transactions by SQL: the next borrower must not find one open. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTransactionBySqlEndsThoughItsContextHasEnded(boolean rolledBack) throws SQLException {
        open(Engine.POSTGRES);
        try (CancelableContext request = ROOT.withCancel()) {
            request.<SQLException>run(() -> {
                try (Connection connection = db.getConnection();
                        Statement statement = connection.createStatement()) {
                    statement.execute("begin");
                    statement.executeUpdate("insert into t values (1)");
                    request.cancel();
                    assertThatThrownBy(() -> statement.execute("commit")).isInstanceOf(SQLException.class);
                    if (rolledBack) {
                        statement.execute(" ROLLBACK");
                    }
                }
            });
        }
        try (Connection next = db.getConnection()) {
            next.setAutoCommit(false);
            next.commit();
            next.setAutoCommit(true);
        }
        assertThat(rows()).isZero();
    }

    /** Some drivers and pools commit what is open when a connection is closed. */
    @ParameterizedTest
    @EnumSource
    void aDoomedTransactionIsRolledBackBeforeItsConnectionIsClosed(Engine engine) throws SQLException {
        open(engine);
        DataSourceGuard guard = db.guardWith(GuardedPool.ABORT_AFTER);
        try (Connection connection = guard.getConnection(() -> committingWhenClosed(db.pool.getConnection()));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate("insert into t values (1)");
            assertThatThrownBy(() -> ROOT.runWithin(SHORT, () -> statement.execute(engine.endless)))
                    .isInstanceOf(SQLTimeoutException.class);
        }
        assertThat(rows()).isZero();
    }

    private static Connection committingWhenClosed(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                TransactionTests.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("close") && !connection.getAutoCommit()) {
                        connection.unwrap(Connection.class).commit();
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void rollingBackToAnEarlierSavepointLiftsTheDoom(Engine engine) throws SQLException {
        open(engine);
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate("insert into t values (1)");
            Savepoint before = connection.setSavepoint();
            assertThatThrownBy(() -> ROOT.runWithin(SHORT, () -> statement.execute(engine.endless)))
                    .isInstanceOf(SQLTimeoutException.class);
            connection.rollback(before);
            connection.commit();
        }
        assertThat(rows()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void rollbackAndCleanUpWorkUnderAContextThatIsDone(Engine engine) throws SQLException {
        open(engine);
        try (CancelableContext request = ROOT.withCancel()) {
            request.<SQLException>run(() -> {
                try (Connection connection = db.getConnection();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    statement.executeUpdate("insert into t values (1)");
                    request.cancel();
                    connection.rollback();
                    connection.setAutoCommit(true);
                    connection.setReadOnly(false);
                }
            });
        }
        assertThat(rows()).isZero();
    }

    static Stream<DataSourceTransactionManager> managers() {
        return Stream.of(new DataSourceTransactionManager(), new JdbcTransactionManager());
    }

    /** Spring's clean-up after a failed commit switches auto-commit on. */
    @ParameterizedTest
    @MethodSource("managers")
    void aCommitRefusedIsNotMadeUpForByTheCleanUp(DataSourceTransactionManager manager) throws SQLException {
        for (Engine engine : Engine.values()) {
            open(engine);
            manager.setDataSource(db);
            manager.afterPropertiesSet();
            boolean translates = manager instanceof JdbcTransactionManager;
            TransactionTemplate transaction = new TransactionTemplate(manager);
            try (CancelableContext request = ROOT.withCancel()) {
                assertThatThrownBy(() -> request.run(() -> transaction.executeWithoutResult(status -> {
                            new JdbcTemplate(db).update("insert into t values (1)");
                            request.cancel();
                        })))
                        .isInstanceOf(
                                translates
                                        ? DataAccessResourceFailureException.class
                                        : TransactionSystemException.class);
            }
            ManualTime time = new ManualTime();
            assertThatThrownBy(() -> time.root()
                            .runWithin(
                                    SHORT,
                                    () -> transaction.executeWithoutResult(status -> {
                                        new JdbcTemplate(db).update("insert into t values (1)");
                                        time.advance(SHORT);
                                    })))
                    .isInstanceOf(translates ? QueryTimeoutException.class : TransactionSystemException.class);
            assertThat(rows()).isZero();
            assertThat(db.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            close();
        }
        open(Engine.H2);
    }

    /** Nobody could tell what came of it. The client leaves while the COMMIT waits for a lock, and lets it go some time later. */
    @Test
    void aCommitThatWasSentIsNotCanceled() throws Exception {
        open(Engine.POSTGRES);
        db.prepare(
                "create or replace function slow() returns trigger language plpgsql as"
                        + " $$ begin perform pg_advisory_xact_lock(11); return null; end $$",
                "create constraint trigger slow after insert on t deferrable initially deferred"
                        + " for each row execute function slow()");
        try (Connection lock = TestPostgres.connect("lock of " + Engine.NAME);
                Statement holder = lock.createStatement();
                Connection connection = db.getConnection();
                Statement statement = connection.createStatement();
                CancelableContext request = ROOT.withCancel()) {
            holder.execute("select pg_advisory_lock(11)");
            connection.setAutoCommit(false);
            statement.executeUpdate("insert into t values (1)");
            FutureTask<?> client = new FutureTask<>(() -> {
                try {
                    await().until(() -> TestPostgres.waitingForLocks(Engine.NAME) == 1);
                    request.cancel();
                    await().pollDelay(Duration.ofMillis(500)).until(() -> true); // time for a cancel to do its harm
                } finally {
                    holder.execute("select pg_advisory_unlock(11)");
                }
                return null;
            });
            new Thread(client).start();
            request.run(connection::commit);
            client.get();
        }
        assertThat(rows()).isEqualTo(1);
        assertThat(db.cancels).isEmpty();
    }

    @Test
    void setTransactionStillWorksAsTheFirstStatement() throws SQLException {
        open(Engine.POSTGRES);
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            ROOT.<SQLException>runWithin(Duration.ofSeconds(60), () -> {
                statement.execute("set transaction isolation level serializable, read only, deferrable");
                var rows = statement.executeQuery("show transaction_isolation");
                rows.next();
                assertThat(rows.getString(1)).isEqualTo("serializable");
                connection.commit();
            });
        }
    }
}
