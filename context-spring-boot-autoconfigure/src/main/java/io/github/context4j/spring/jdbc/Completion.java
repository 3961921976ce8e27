package io.github.context4j.spring.jdbc;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Ends the transactions of one connection. */
final class Completion {
    private final Session session;
    private final Connection connection;

    Completion(Session session) {
        this.session = session;
        this.connection = session.connection;
    }

    /**
     * Commits by {@code physical}, unless the context has ended or has ended a statement of the transaction. A COMMIT that
     * was sent is never canceled, since nobody could tell what came of it.
     */
    void commit(SqlCall.Action physical) throws SQLException {
        refuseIfEnded();
        Operation operation = session.begin("commit", null);
        if (operation == null) {
            SqlCall.maskedAction(physical);
        } else {
            commit(operation, physical);
        }
        session.transaction.finished();
    }

    private void commit(Operation operation, SqlCall.Action physical) throws SQLException {
        try {
            operation.runToEnd(SqlCall.of(physical));
        } catch (SQLException e) {
            throw session.isDead() ? Failures.outcomeUnknown(session.killer(), e) : e;
        } finally {
            operation.end();
        }
    }

    private void refuseIfEnded() throws SQLException {
        ContextException ended = session.transaction.doom();
        Context current = CurrentContext.get();
        if (ended == null && current != null) {
            ended = current.exception();
        }
        if (ended == null) {
            return;
        }
        // Physically, and before the exception: the clean-up after a failed commit switches auto-commit on, which would
        // commit what is still there.
        SQLException failure = Failures.of(ended, null);
        Exception second = rollbackOrAbort(ended, connection::rollback);
        if (second != null) {
            failure.addSuppressed(second);
        }
        throw failure;
    }

    private @Nullable Exception rollbackOrAbort(@Nullable ContextException ended, SqlCall.Action rollback) {
        try {
            session.runToEnd(SqlCall.of(rollback));
            return null;
        } catch (SQLException | RuntimeException e) {
            session.abort(session.guard.dependency, ended);
            return e;
        } finally {
            session.transaction.finished();
        }
    }

    /** Rolls back. With an aborted connection that is done: the server does it when it sees that the client is gone. */
    void rollback() throws SQLException {
        if (!session.isDead()) {
            session.runToEnd(SqlCall.of(connection::rollback));
        }
        session.transaction.finished();
    }

    /**
     * Rolls back what may not be left to a pool or driver: a doomed transaction, which some commit when they are closed, and
     * one that was begun by SQL and whose end by SQL a context has refused, which no pool looks for.
     */
    void rollbackWhatIsLeft() throws SQLException {
        if (session.isDead() || !session.transaction.wasRefused()) {
            return;
        }
        ContextException ended = session.transaction.doom();
        if (ended != null) {
            rollbackOrAbort(ended, connection::rollback);
        } else if (session.hasTransactionBySql()) {
            rollbackOrAbort(null, session::rollbackBySql);
        }
    }
}
