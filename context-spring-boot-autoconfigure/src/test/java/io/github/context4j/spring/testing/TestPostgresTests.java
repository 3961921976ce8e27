package io.github.context4j.spring.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TestPostgresTests {
    private static final String NAME = TestPostgresTests.class.getSimpleName();

    @Test
    void countsTheSessionsAndQueriesOfOneApplication() throws Exception {
        try (HikariDataSource pool = TestPostgres.pool(NAME, 1);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select current_setting('application_name')")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo(NAME);
            assertThat(TestPostgres.sessions(NAME)).isEqualTo(1);
            assertThat(TestPostgres.activeQueries(NAME)).isZero();
        }
    }
}
