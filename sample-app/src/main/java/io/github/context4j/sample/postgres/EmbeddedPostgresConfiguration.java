package io.github.context4j.sample.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Starts a PostgreSQL of the application's own where {@code spring.datasource.url} names none. The pool depends on the
 * connection details, and they on the server: so it starts before the pool and stops after it.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(OnNoDataSourceUrl.class)
class EmbeddedPostgresConfiguration {

    private static final Log logger = LogFactory.getLog(EmbeddedPostgresConfiguration.class);

    @Bean(destroyMethod = "close")
    static EmbeddedPostgres embeddedPostgres(Environment environment) {
        if (environment.containsProperty(OnNoDataSourceUrl.KEY)) {
            throw new DatabaseDecidedException();
        }
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    // Its own hook would stop it beneath requests that a graceful shutdown still waits for.
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(Duration.ofMinutes(1))
                    .setServerConfig("max_connections", "300")
                    .setServerConfig("log_min_messages", "fatal") // every canceled query is an error in its log
                    .start();
            logger.info("Embedded PostgreSQL listens on port " + server.getPort());
            return server;
        } catch (IOException | RuntimeException e) {
            throw new EmbeddedPostgresUnavailableException(e);
        }
    }

    @Bean
    static JdbcConnectionDetails embeddedPostgresConnectionDetails(EmbeddedPostgres postgres) {
        return new EmbeddedPostgresConnectionDetails(postgres.getPort());
    }
}
