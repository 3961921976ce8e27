package io.github.context4j.sample.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.sample.SampleApplication;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresUnavailableTests {
    @Test
    void theSampleSaysHowToUseAnotherDatabase(@TempDir Path dir) throws Exception {
        Path notADirectory = Files.createFile(dir.resolve("file"));
        Path output = dir.resolve("output");
        Process sample = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Dot.epg.working-dir=" + notADirectory.resolve("inside"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SampleApplication.class.getName(),
                        "--server.port=0")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(sample.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            sample.destroyForcibly();
        }
        assertThat(sample.exitValue()).isEqualTo(1);
        assertThat(Files.readString(output, StandardCharsets.UTF_8))
                .contains("APPLICATION FAILED TO START")
                .contains("The embedded PostgreSQL did not start: ")
                .contains("--spring.datasource.url=jdbc:postgresql://localhost:5432/postgres")
                .doesNotContain("\tat ");
    }
}
