package io.github.context4j.sample.postgres;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** Where the embedded PostgreSQL listens, in the form from which Spring Boot makes its pool. */
record EmbeddedPostgresConnectionDetails(int port) implements JdbcConnectionDetails {
    @Override
    public String getUsername() {
        return "postgres";
    }

    @Override
    public String getPassword() {
        return "postgres";
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://localhost:" + port + "/postgres";
    }
}
