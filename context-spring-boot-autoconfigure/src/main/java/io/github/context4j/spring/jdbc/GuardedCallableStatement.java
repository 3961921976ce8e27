package io.github.context4j.spring.jdbc;

import java.sql.CallableStatement;
import java.sql.SQLException;

/** A callable statement that obeys the context that is current when it is executed. */
final class GuardedCallableStatement extends ForwardingCallableStatement {
    private final CallableStatement statement;

    GuardedCallableStatement(GuardedConnection owner, CallableStatement statement) {
        super(owner, statement);
        this.statement = statement;
    }

    @Override
    CallableStatement delegate() throws SQLException {
        session.requireAlive();
        return statement;
    }
}
