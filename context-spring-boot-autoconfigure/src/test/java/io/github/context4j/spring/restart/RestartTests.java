package io.github.context4j.spring.restart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application that is closed and started again in a class loader of its own, while the library's classes stay, as
 * Spring Boot's devtools do it. What the library keeps must not keep what it was given.
 */
class RestartTests {
    @TempDir
    private Path directory;

    /** In a process of its own, whose caches by soft references, such as Spring's, are emptied by each collection. */
    @Test
    @Timeout(180)
    void nothingKeepsTheClassesOfAnApplicationThatWasRestarted() throws Exception {
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:SoftRefLRUPolicyMSPerMB=0",
                        "-Drestarts.dump="
                                + System.getProperty(
                                        "restarts.dump",
                                        directory.resolve("heap.hprof").toString()),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Restarts.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(150, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(log)).contains("Both are gone");
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
