package io.github.context4j.spring.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A real PostgreSQL, one for all tests of this JVM: in a container where Docker runs, else an embedded one. It starts when
 * it is first asked for and stops when the JVM exits. Tests tell their sessions apart by {@code application_name}, for
 * which the name of the test class serves.
 */
public final class TestPostgres {
    private static final String MAX_CONNECTIONS = "200";

    private final String host;
    private final int port;
    private final String user;
    private final String password;
    private final String database;

    private TestPostgres(String host, int port, String user, String password, String database) {
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
        this.database = database;
    }

    private static final class Server {
        static final TestPostgres INSTANCE = DockerProbe.dockerRuns() ? container() : embedded();
    }

    @SuppressWarnings("resource") // until the JVM exits, when Testcontainers removes it
    private static TestPostgres container() {
        PostgreSQLContainer server = new PostgreSQLContainer("postgres:18-alpine")
                .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=" + MAX_CONNECTIONS);
        server.start();
        return new TestPostgres(
                server.getHost(),
                server.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                server.getUsername(),
                server.getPassword(),
                server.getDatabaseName());
    }

    @SuppressWarnings("resource") // until the JVM exits, when its shutdown hook closes it
    private static TestPostgres embedded() {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setServerConfig("max_connections", MAX_CONNECTIONS)
                    .setServerConfig("fsync", "off")
                    .setServerConfig("log_min_messages", "fatal") // every canceled query is an error in its log
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .start();
            return new TestPostgres("127.0.0.1", server.getPort(), "postgres", "postgres", "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String host() {
        return Server.INSTANCE.host;
    }

    public static int port() {
        return Server.INSTANCE.port;
    }

    public static String user() {
        return Server.INSTANCE.user;
    }

    public static String password() {
        return Server.INSTANCE.password;
    }

    /** A JDBC URL whose sessions are called {@code applicationName} in {@code pg_stat_activity}. */
    public static String url(String applicationName) {
        return url(host(), port(), applicationName);
    }

    /** As {@link #url(String)}, through a proxy. */
    public static String url(String host, int port, String applicationName) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + Server.INSTANCE.database + "?ApplicationName="
                + URLEncoder.encode(applicationName, StandardCharsets.UTF_8);
    }

    /** Settings for a pool of exactly {@code size} connections, to be changed before the pool is made. */
    public static HikariConfig poolConfig(String applicationName, int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url(applicationName));
        config.setUsername(user());
        config.setPassword(password());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(size);
        config.setPoolName(applicationName.toLowerCase(Locale.ROOT));
        config.setConnectionTimeout(10_000);
        return config;
    }

    /** A new pool of {@code size} connections, to be closed by the caller. */
    public static HikariDataSource pool(String applicationName, int size) {
        return new HikariDataSource(poolConfig(applicationName, size));
    }

    /** A new connection outside any pool, to be closed by the caller. */
    public static Connection connect(String applicationName) throws SQLException {
        return DriverManager.getConnection(url(applicationName), user(), password());
    }

    /** How many sessions of {@code applicationName} run a query now. */
    public static int activeQueries(String applicationName) throws SQLException {
        return count(
                "select count(*) from pg_stat_activity where state = 'active' and application_name = ?",
                applicationName);
    }

    /** How many sessions of {@code applicationName} are inside {@code pg_sleep} now. */
    public static int sleeping(String applicationName) throws SQLException {
        return count(
                "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and application_name = ?",
                applicationName);
    }

    /** How many sessions of {@code applicationName} wait for a lock now. */
    public static int waitingForLocks(String applicationName) throws SQLException {
        return count(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and application_name = ?",
                applicationName);
    }

    /** How many sessions of {@code applicationName} there are. */
    public static int sessions(String applicationName) throws SQLException {
        return count("select count(*) from pg_stat_activity where application_name = ?", applicationName);
    }

    /** The process ids of the sessions of {@code applicationName}, in order. */
    public static List<Integer> backends(String applicationName) throws SQLException {
        List<Integer> backends = new ArrayList<>();
        try (Connection connection = connect("observer");
                PreparedStatement statement = connection.prepareStatement(
                        "select pid from pg_stat_activity where application_name = ? order by pid")) {
            statement.setString(1, applicationName);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    backends.add(rows.getInt(1));
                }
            }
        }
        return backends;
    }

    private static int count(String query, String applicationName) throws SQLException {
        try (Connection connection = connect("observer");
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, applicationName);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }
}
