package io.github.context4j.sample;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
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
        return numbers("select count(*) from " + fromAndWhere).get(0);
    }

    /** The server processes of the sample's pool. */
    List<Long> sessions() throws SQLException {
        return numbers("select pid from pg_stat_activity where application_name = 'context-sample' order by pid");
    }

    private List<Long> numbers(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<Long> numbers = new ArrayList<>();
            while (rows.next()) {
                numbers.add(rows.getLong(1));
            }
            return numbers;
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(details.getJdbcUrl(), details.getUsername(), details.getPassword());
    }
}
