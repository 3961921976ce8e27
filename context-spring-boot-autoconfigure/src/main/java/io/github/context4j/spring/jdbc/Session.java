package io.github.context4j.spring.jdbc;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection from being borrowed to being handed back: what is under way on it, and whether it is still alive. Used by
 * one thread at a time, but for {@link #abort} and what {@link #lock} guards.
 */
final class Session {
    private static final long ABORT_WAIT_SECONDS = 1;

    final DataSourceGuard guard;
    final Connection connection;
    final Transaction transaction;

    /** Guards whether the driver is inside a call, whether a cancel is in flight, and the decision to abort. */
    final ReentrantLock lock = new ReentrantLock();

    /** Signaled when a cancel has returned and when the connection dies. */
    final Condition quiet = lock.newCondition();

    private final List<Operation> open = new ArrayList<>(2);
    private final AtomicBoolean abortTaken = new AtomicBoolean();
    private final CountDownLatch aborted = new CountDownLatch(1);
    private volatile boolean dead;
    private @Nullable ContextException killer;
    private @Nullable Postgres postgres;
    private boolean asked;
    private Duration used;

    /** @param used the part of the time-out that the first operation finds used up, by waiting for the connection */
    Session(DataSourceGuard guard, Connection connection, Duration used) {
        this.guard = guard;
        this.connection = connection;
        this.transaction = new Transaction(connection);
        this.used = used;
    }

    /** Whether the connection was aborted: nothing but closing it is of any use. */
    boolean isDead() {
        return dead;
    }

    /** @throws SQLException if the connection was aborted */
    void requireAlive() throws SQLException {
        if (dead) {
            throw Failures.aborted(killer);
        }
    }

    /** What made the connection unusable, null if that is not known or has not happened. */
    @Nullable
    ContextException killer() {
        return killer;
    }

    private @Nullable Postgres postgres() throws SQLException {
        if (!asked) {
            postgres = Postgres.of(connection);
            asked = true;
        }
        return postgres;
    }

    /** Begins an operation under the current context; null if there is none, and nothing is to be guarded. */
    @Nullable
    Operation begin(String name, @Nullable Statement statement) throws SQLException {
        requireAlive();
        if (CurrentContext.get() == null) {
            return null;
        }
        Postgres driver = postgres();
        CancelSignal signal = driver != null ? driver : statement != null ? CancelSignal.of(statement) : null;
        DependencyCall call = guard.calls.begin(guard.dependency, name, used);
        used = Duration.ZERO;
        Operation operation = new Operation(this, call.context(), call, signal);
        open.add(operation);
        operation.listen();
        return operation;
    }

    /** Whether {@code rows} are all in memory already. */
    boolean isBuffered(ResultSet rows) throws SQLException {
        return postgres() != null && rows.getFetchSize() == 0;
    }

    /** Opens the transaction of the statement that follows, where a cancel must not meet the driver doing that. */
    void openTransaction(Operation operation) throws SQLException {
        Postgres driver = postgres();
        if (driver != null && !connection.getAutoCommit() && driver.isIdle()) {
            operation.requireActive();
            operation.runToEnd(SqlCall.of(() -> Postgres.begin(connection)));
        }
    }

    /** Whether a transaction is open that was begun by SQL, with auto-commit on. */
    boolean hasTransactionBySql() throws SQLException {
        Postgres driver = postgres();
        return driver != null && connection.getAutoCommit() && !driver.isIdle();
    }

    void rollbackBySql() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        }
    }

    /** Runs a call that is no query and obeys no time-out, such as a rollback, but does not outlive its context by much. */
    <T extends @Nullable Object> T runToEnd(SqlCall<T> call) throws SQLException {
        requireAlive();
        Context current = CurrentContext.get();
        if (current == null) {
            return call.callMasked();
        }
        Operation operation = new Operation(this, current, null, null);
        operation.listen();
        try {
            return operation.runToEnd(call);
        } finally {
            operation.end();
        }
    }

    void ended(Operation operation) {
        open.remove(operation);
    }

    /** Ends what callers have left open. */
    void endAll() {
        for (Operation operation : List.copyOf(open)) {
            operation.end();
        }
    }

    /** Makes the connection unusable at once, and breaks it on another thread. */
    void abort(Dependency dependency, @Nullable ContextException reason) {
        boolean won;
        lock.lock();
        try {
            won = kill(reason);
        } finally {
            lock.unlock();
        }
        if (won) {
            breakConnection(dependency);
        }
    }

    /** The decision to abort, under the lock; false if it was taken before. Whoever takes it breaks the connection. */
    boolean kill(@Nullable ContextException reason) {
        if (dead) {
            return false;
        }
        killer = reason;
        dead = true;
        quiet.signalAll();
        return true;
    }

    /** On a thread of its own: closing a socket may block, and every other executor may be what is blocked. */
    void breakConnection(Dependency dependency) {
        Cancellers.daemon("context-abort-" + dependency.name(), () -> {
                    breakConnection();
                    guard.report(dependency, CancelResult.ABORTED);
                })
                .start();
    }

    private void breakConnection() {
        if (!abortTaken.compareAndSet(false, true)) {
            return;
        }
        try {
            connection.abort(Runnable::run);
        } catch (Throwable t) {
            DataSourceGuard.logger.log(System.Logger.Level.DEBUG, "Aborting a connection failed", t);
        } finally {
            aborted.countDown();
        }
    }

    /** Hands a dead connection back such that its pool throws it away. */
    void discard() {
        breakConnection();
        awaitAborted();
        // The pool sees for itself what it has: the driver fails with a connection exception, class 08. A driver that
        // ignores abort() has a connection that is as good as before.
        try (Statement probe = connection.createStatement()) {
            connection.rollback();
        } catch (SQLException | RuntimeException e) {
            DataSourceGuard.logger.log(System.Logger.Level.DEBUG, "An aborted connection is broken", e);
        }
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            DataSourceGuard.logger.log(System.Logger.Level.DEBUG, "Closing an aborted connection failed", e);
        }
    }

    /** Whoever breaks the connection closes a socket; if that blocks, the driver has taken note already. */
    private void awaitAborted() {
        boolean interrupted = Thread.interrupted();
        try {
            if (!aborted.await(ABORT_WAIT_SECONDS, TimeUnit.SECONDS)) {
                DataSourceGuard.logger.log(System.Logger.Level.DEBUG, "Aborting a connection takes long");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
