package io.github.context4j.spring.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A prepared statement that obeys the context that is current when it is executed. */
class GuardedPreparedStatement extends ForwardingPreparedStatement {
    private final PreparedStatement statement;

    GuardedPreparedStatement(GuardedConnection owner, PreparedStatement statement) {
        super(owner, statement);
        this.statement = statement;
    }

    @Override
    PreparedStatement delegate() throws SQLException {
        session.requireAlive();
        return statement;
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        return query(statement::executeQuery);
    }

    @Override
    public int executeUpdate() throws SQLException {
        return update("update", statement::executeUpdate);
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        return update("update", statement::executeLargeUpdate);
    }

    @Override
    public boolean execute() throws SQLException {
        return execute(statement::execute);
    }
}
