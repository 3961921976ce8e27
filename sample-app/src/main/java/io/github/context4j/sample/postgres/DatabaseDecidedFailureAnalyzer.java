package io.github.context4j.sample.postgres;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says how to prepare the sample for another database, as conditions are decided at that time. */
final class DatabaseDecidedFailureAnalyzer extends AbstractFailureAnalyzer<DatabaseDecidedException> {
    private static final String ACTION = """
            Name a database when preparing it, too; the one that is named at run time is used:

                mvn -Paot -pl sample-app -am package -DskipTests \
            -Dspring-boot.aot.jvmArguments=-Dspring.datasource.url=jdbc:postgresql://localhost:5432/postgres

            or run it without -Dspring.aot.enabled=true.
            """;

    @Override
    protected FailureAnalysis analyze(Throwable root, DatabaseDecidedException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), ACTION, root);
    }
}
