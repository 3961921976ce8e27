package io.github.context4j.sample.postgres;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says how to run the sample on another PostgreSQL where the embedded one does not start. */
final class EmbeddedPostgresFailureAnalyzer extends AbstractFailureAnalyzer<EmbeddedPostgresUnavailableException> {
    private static final String ACTION = """
            Point the sample at a PostgreSQL of yours, by arguments:

                mvn -pl sample-app -am spring-boot:run -Dspring-boot.run.arguments="\
            --spring.datasource.url=jdbc:postgresql://localhost:5432/postgres \
            --spring.datasource.username=postgres --spring.datasource.password=secret"

            or by the environment variables SPRING_DATASOURCE_URL, SPRING_DATASOURCE_USERNAME and \
            SPRING_DATASOURCE_PASSWORD. It makes its few tables itself. If Docker runs here, this starts one:

                docker run --rm -p 5432:5432 -e POSTGRES_PASSWORD=secret postgres:18
            """;

    @Override
    protected FailureAnalysis analyze(Throwable root, EmbeddedPostgresUnavailableException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), ACTION, root);
    }
}
