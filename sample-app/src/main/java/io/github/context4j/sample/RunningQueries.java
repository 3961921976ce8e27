package io.github.context4j.sample;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/**
 * What PostgreSQL runs now for the connections of the pool, told apart by their {@code application_name}. It asks by a
 * connection of its own, opened for each call: it has to answer when the pool is exhausted too.
 */
@Component
final class RunningQueries {
    private static final String SQL = """
            select pid, state, query,
                   (extract(epoch from clock_timestamp() - query_start) * 1000)::bigint as age_millis
            from pg_stat_activity
            where application_name = ? and backend_type = 'client backend' and state <> 'idle'
            order by query_start, pid
            """;

    private final JdbcConnectionDetails database;
    private final String applicationName;

    RunningQueries(JdbcConnectionDetails database, @Value("${spring.application.name}") String applicationName) {
        this.database = database;
        this.applicationName = applicationName;
    }

    /** The queries of all sessions but idle ones, the oldest first. */
    List<Query> list() throws SQLException {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setString(1, applicationName);
            try (ResultSet rows = statement.executeQuery()) {
                List<Query> queries = new ArrayList<>();
                while (rows.next()) {
                    queries.add(new Query(
                            rows.getInt("pid"),
                            rows.getString("state"),
                            rows.getString("query"),
                            rows.getLong("age_millis")));
                }
                return queries;
            }
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", applicationName + "-monitor");
        properties.setProperty("connectTimeout", "5"); // seconds, as the next
        properties.setProperty("socketTimeout", "5");
        setIfPresent(properties, "user", database.getUsername());
        setIfPresent(properties, "password", database.getPassword());
        return DriverManager.getConnection(database.getJdbcUrl(), properties);
    }

    private static void setIfPresent(Properties properties, String key, @Nullable String value) {
        if (value != null) {
            properties.setProperty(key, value);
        }
    }

    /**
     * A session at work.
     *
     * @param pid the process that serves the session
     * @param state {@code active}, or a transaction that waits for its next statement
     * @param query the statement that runs, or the last one
     * @param ageMillis how long ago it began, by the clock of the server
     */
    record Query(int pid, String state, String query, long ageMillis) {}
}
