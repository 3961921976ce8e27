package io.github.context4j.sample.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.sample.SampleApplication;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

class ExternalDatabaseTests {
    @Test
    void aDataSourceUrlReplacesTheEmbeddedDatabaseAndItsTablesMayExist() throws Exception {
        try (EmbeddedPostgres external = EmbeddedPostgres.builder()
                .setServerConfig("log_min_messages", "fatal")
                .setPGStartupWait(Duration.ofSeconds(60))
                .start()) {
            String url = "jdbc:postgresql://localhost:" + external.getPort() + "/postgres";
            for (int start = 1; start <= 2; start++) {
                try (ConfigurableApplicationContext sample = start(url)) {
                    assertThat(sample.getBeansOfType(EmbeddedPostgres.class)).isEmpty();
                    assertThat(sample.getBean(JdbcConnectionDetails.class).getJdbcUrl())
                            .isEqualTo(url);
                    assertThat(sample.getBean(HikariDataSource.class).getJdbcUrl())
                            .isEqualTo(url);
                    assertThat(users(sample)).isEqualTo(3);
                }
            }
        }
    }

    private static ConfigurableApplicationContext start(String url) {
        return new SpringApplicationBuilder(SampleApplication.class)
                .run(
                        "--server.port=0",
                        "--spring.datasource.url=" + url,
                        "--spring.datasource.username=postgres",
                        "--spring.datasource.password=postgres");
    }

    private static long users(ConfigurableApplicationContext sample) {
        return sample.getBean(JdbcClient.class)
                .sql("select count(*) from app_user")
                .query(Long.class)
                .single();
    }
}
