package io.github.context4j.spring.jdbc;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import io.github.context4j.InterruptMask;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Makes what is done with the connections of one data source obey the current context. Where no context is current, nothing
 * is bounded, counted or canceled. No interrupt of a context ({@code interruptibly}) reaches the pool or the driver, whether
 * one is current or not: it is sent when they have returned. Thread-safe.
 */
public final class DataSourceGuard {
    static final System.Logger logger = System.getLogger(DataSourceGuard.class.getName());

    final Dependency dependency;
    final DependencyCalls calls;
    final Duration abortAfter;
    final Cancellers cancellers;

    /**
     * @param dependency what the data source belongs to
     * @param abortAfter how long a call to the driver may go on after its context has ended until its connection is aborted
     */
    public DataSourceGuard(Dependency dependency, DependencyCalls calls, Duration abortAfter) {
        this.dependency = requireNonNull(dependency, "dependency");
        this.calls = requireNonNull(calls, "calls");
        this.abortAfter = requireNonNull(abortAfter, "abortAfter");
        this.cancellers = new Cancellers(dependency.name());
    }

    /** Where connections come from. */
    @FunctionalInterface
    public interface Source {
        Connection getConnection() throws SQLException;
    }

    /**
     * A guarded connection from {@code source}. The wait for it ends with the current context, by an interrupt that is taken
     * back, and with no other: a pool may be talking to the database meanwhile. A connection that is guarded already is
     * returned as it is.
     *
     * @throws SQLException also if the context has ended or ends meanwhile
     */
    public Connection getConnection(Source source) throws SQLException {
        try (InterruptMask mask = InterruptMask.open()) { // pools and drivers connect and check on the caller's thread
            return acquire(source);
        }
    }

    /** What {@code connection} stands for, for the pool that it comes from; itself, if it is not guarded. */
    public static Connection unguarded(Connection connection) {
        return connection instanceof GuardedConnection guarded ? guarded.connection : connection;
    }

    private Connection acquire(Source source) throws SQLException {
        if (CurrentContext.get() == null) {
            return guard(source.getConnection(), Duration.ZERO);
        }
        DependencyCall call = calls.begin(dependency, "acquire");
        Connection connection;
        try {
            connection = acquire(call.context(), new Wait(), call, source);
        } catch (SQLException | RuntimeException | Error e) {
            call.end(e);
            throw e;
        }
        call.handOver();
        return guard(connection, Duration.ofNanos(System.nanoTime() - call.startNanos()));
    }

    private static Connection acquire(Context context, Wait wait, DependencyCall call, Source source)
            throws SQLException {
        ContextException before = context.exception();
        if (before != null) {
            throw Failures.of(before, null);
        }
        Context.Registration registration = call.onDone(wait::interrupt);
        Connection connection;
        try {
            connection = source.getConnection();
        } catch (SQLException e) {
            ContextException ended = context.exception();
            throw ended != null ? Failures.of(ended, e) : e;
        } finally {
            registration.stop();
            wait.end();
        }
        ContextException ended = context.exception();
        if (ended != null) {
            SQLException failure = Failures.of(ended, null);
            try (connection) {
                throw failure;
            }
        }
        return connection;
    }

    private Connection guard(Connection connection, Duration used) {
        return wraps(connection, GuardedConnection.class)
                ? connection
                : new GuardedConnection(new Session(this, connection, used));
    }

    /** Whether {@code connection} is or leads to a {@code type}; a driver that does not know has none of ours. */
    static boolean wraps(Connection connection, Class<?> type) {
        try {
            return connection.isWrapperFor(type);
        } catch (SQLException | AbstractMethodError e) {
            return false;
        }
    }

    void report(Dependency canceled, CancelResult result) {
        calls.observer().queryCanceled(canceled, result);
    }
}
