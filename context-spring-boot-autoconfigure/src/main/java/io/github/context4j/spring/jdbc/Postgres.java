package io.github.context4j.spring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** What pgjdbc does better than the JDBC standard, for one connection. */
final class Postgres implements CancelSignal {
    /**
     * From when on a cancel may have been cut short. The driver gives up after its {@code cancelSignalTimeout} without saying
     * so, and the request may reach the server later. That time-out is not readable, but is in whole seconds: a cancel that
     * took less than the shortest possible one, with a margin for the clocks, has run to its end.
     */
    private static final long CERTAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(950);

    private static final boolean PRESENT = isPresent();

    private final BaseConnection connection;

    private Postgres(BaseConnection connection) {
        this.connection = connection;
    }

    private static boolean isPresent() {
        try {
            Class.forName("org.postgresql.core.BaseConnection", false, Postgres.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** The means of {@code connection}, null if it is not one of pgjdbc's. */
    static @Nullable Postgres of(Connection connection) throws SQLException {
        return PRESENT && DataSourceGuard.wraps(connection, BaseConnection.class)
                ? new Postgres(connection.unwrap(BaseConnection.class))
                : null;
    }

    /** Whether the next statement, with auto-commit off, has the driver send a BEGIN ahead of it. */
    boolean isIdle() {
        return connection.getTransactionState() == TransactionState.IDLE;
    }

    /**
     * Opens the transaction by a round trip of its own. The driver sends BEGIN as a query of its own; a cancel that hits it
     * has the statement after it run, and commit, outside the transaction. SHOW takes no snapshot, so that
     * {@code SET TRANSACTION ISOLATION LEVEL} may still follow.
     */
    static void begin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SHOW transaction_read_only");
        }
    }

    /** {@code Statement.cancel()} sends one cancel per execute at most and none during a fetch; this one always does. */
    @Override
    public Delivery send() {
        long start = System.nanoTime();
        try {
            connection.cancelQuery();
        } catch (Throwable t) {
            return Delivery.UNKNOWN;
        }
        return System.nanoTime() - start < CERTAIN_NANOS ? Delivery.CERTAIN : Delivery.UNKNOWN;
    }
}
