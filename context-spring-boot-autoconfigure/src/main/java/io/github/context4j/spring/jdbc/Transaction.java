package io.github.context4j.spring.jdbc;

import io.github.context4j.ContextException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the wrapper knows of the transaction of one connection. A statement that its context ended dooms the transaction on
 * every engine: PostgreSQL refuses to go on by itself, but elsewhere the rest would be committed.
 */
final class Transaction {
    private final Connection connection;
    private Set<Savepoint> afterDoom = Set.of();
    private boolean touched;
    private boolean refused;
    private @Nullable ContextException doom;

    Transaction(Connection connection) {
        this.connection = connection;
    }

    /** A statement is about to be executed. */
    void touch() {
        touched = true;
    }

    /** Whether statements were executed that are neither committed nor rolled back. */
    boolean isOpen() throws SQLException {
        return touched && !connection.getAutoCommit();
    }

    /** What ended the first statement that failed by its context in this transaction, null if none did. */
    @Nullable
    ContextException doom() {
        return doom;
    }

    /** Whether a context has ended or refused a statement, in a transaction or not, since the connection was borrowed. */
    boolean wasRefused() {
        return refused;
    }

    void doom(ContextException ended) {
        refused = true;
        if (doom == null && !isAutoCommit()) {
            doom = ended;
        }
    }

    private boolean isAutoCommit() {
        try {
            return connection.getAutoCommit();
        } catch (SQLException e) {
            return false; // a broken connection commits nothing, whatever is said about it
        }
    }

    Savepoint created(Savepoint savepoint) {
        if (doom != null) {
            if (afterDoom.isEmpty()) {
                afterDoom = Collections.newSetFromMap(new IdentityHashMap<>());
            }
            afterDoom.add(savepoint);
        }
        return savepoint;
    }

    /** What was executed after {@code savepoint} is undone. */
    void rolledBackTo(Savepoint savepoint) {
        if (!afterDoom.contains(savepoint)) {
            doom = null;
            afterDoom = Set.of();
        }
    }

    /** The transaction is over. */
    void finished() {
        touched = false;
        doom = null;
        afterDoom = Set.of();
    }
}
