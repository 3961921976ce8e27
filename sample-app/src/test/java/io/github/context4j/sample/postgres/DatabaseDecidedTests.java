package io.github.context4j.sample.postgres;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.mock.env.MockEnvironment;

class DatabaseDecidedTests {
    @Test
    void aDatabaseThatIsNamedAfterTheSampleWasPreparedToStartItsOwnIsNotIgnored() {
        MockEnvironment environment =
                new MockEnvironment().withProperty("spring.datasource.url", "jdbc:postgresql://localhost:1/postgres");
        DatabaseDecidedException thrown = catchThrowableOfType(
                DatabaseDecidedException.class, () -> EmbeddedPostgresConfiguration.embeddedPostgres(environment));
        assertThat(thrown).hasMessageContaining("spring.datasource.url is set");
        FailureAnalysis analysis = new DatabaseDecidedFailureAnalyzer().analyze(thrown);
        assertThat(requireNonNull(analysis).getAction()).contains("-Paot", "-Dspring-boot.aot.jvmArguments=");
    }
}
