package io.github.context4j.spring.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Rows that are no longer to be had once the context of their query has ended. */
final class GuardedResultSet extends ForwardingResultSet {
    private final GuardedStatement owner;
    private final @Nullable Operation operation;
    private final boolean only;
    private final boolean local;

    /**
     * @param operation the query that the rows are of, null if they obey no context
     * @param only whether they are all that the query has to say
     */
    GuardedResultSet(GuardedStatement owner, ResultSet rows, @Nullable Operation operation, boolean only)
            throws SQLException {
        super(rows);
        this.owner = owner;
        this.operation = operation;
        this.only = only;
        this.local = operation != null && owner.session.isBuffered(rows);
    }

    @Override
    public boolean next() throws SQLException {
        Operation reading = reading();
        if (reading == null) {
            return ((SqlCall<Boolean>) delegate::next).callMasked();
        }
        boolean row;
        if (local) {
            reading.requireActive();
            row = delegate.next();
        } else {
            row = reading.run(delegate::next);
        }
        if (!row && only && delegate.getType() == TYPE_FORWARD_ONLY) {
            reading.end();
        }
        return row;
    }

    @Override
    public boolean previous() throws SQLException {
        return run(delegate::previous);
    }

    @Override
    public boolean first() throws SQLException {
        return run(delegate::first);
    }

    @Override
    public boolean last() throws SQLException {
        return run(delegate::last);
    }

    @Override
    public boolean absolute(int row) throws SQLException {
        return run(() -> delegate.absolute(row));
    }

    @Override
    public boolean relative(int rows) throws SQLException {
        return run(() -> delegate.relative(rows));
    }

    @Override
    public void beforeFirst() throws SQLException {
        run(SqlCall.of(delegate::beforeFirst));
    }

    @Override
    public void afterLast() throws SQLException {
        run(SqlCall.of(delegate::afterLast));
    }

    @Override
    public void insertRow() throws SQLException {
        modify(delegate::insertRow);
    }

    @Override
    public void updateRow() throws SQLException {
        modify(delegate::updateRow);
    }

    @Override
    public void deleteRow() throws SQLException {
        modify(delegate::deleteRow);
    }

    @Override
    public void refreshRow() throws SQLException {
        run(SqlCall.of(delegate::refreshRow));
    }

    private void modify(SqlCall.Action body) throws SQLException {
        Operation reading = reading();
        if (reading == null) {
            SqlCall.of(body).callMasked();
        } else {
            owner.session.openTransaction(reading);
            reading.run(SqlCall.of(body));
        }
    }

    private <T extends @Nullable Object> T run(SqlCall<T> body) throws SQLException {
        Operation reading = reading();
        return reading == null ? body.callMasked() : reading.run(body);
    }

    /** The operation, as long as it goes on. */
    private @Nullable Operation reading() {
        return operation == null || operation.isOver() ? null : operation;
    }

    @Override
    public Statement getStatement() throws SQLException {
        delegate.getStatement(); // fails if the rows are closed
        return owner;
    }

    @Override
    public void close() throws SQLException {
        Operation reading = reading();
        if (reading == null || local || owner.session.isDead()) {
            SqlCall.of(delegate::close).callMasked();
        } else {
            reading.runToEnd(SqlCall.of(delegate::close));
        }
        if (reading != null && only) {
            reading.end();
        }
    }
}
