package io.github.context4j.sample;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** The sample's database, past its pool. */
final class Database {
    private final JdbcConnectionDetails details;

    Database(JdbcConnectionDetails details) {
        this.details = details;
    }

    /** Makes everybody else who reads or writes one of {@code tables} wait until the connection is closed. */
    Connection lock(String tables) throws SQLException {
        Connection connection = connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("lock table " + tables + " in access exclusive mode");
        }
        return connection;
    }

    long count(String fromAndWhere) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from " + fromAndWhere)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(details.getJdbcUrl(), details.getUsername(), details.getPassword());
    }
}
