package io.github.context4j.spring.shutdown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is told to end, twice, with 50 queries under way. */
@Timeout(120)
class ProcessShutdownTests {
    private static final String NAME = "ProcessShutdownTests";
    private static final int EACH = 25;
    private static final Duration GRACE = Duration.ofSeconds(4);
    private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

    @TempDir
    private Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void requestsHaveTheGracePeriodAndNothingIsLeftWhenTheProcessIsGone() throws Exception {
        Path log = directory.resolve("log");
        Process process = start(log);
        try {
            int port = port(process, log);
            List<CompletableFuture<HttpResponse<String>>> brief = new ArrayList<>();
            List<CompletableFuture<HttpResponse<String>>> endless = new ArrayList<>();
            for (int i = 0; i < EACH; i++) {
                endless.add(get(port, 600));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> TestPostgres.sleeping(NAME) == EACH);
            // The brief ones must all sleep at once: none may wait for the pool to connect.
            await().atMost(Duration.ofSeconds(30)).until(() -> TestPostgres.sessions(NAME) == 2 * EACH);
            for (int i = 0; i < EACH; i++) {
                brief.add(get(port, 2));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> TestPostgres.sleeping(NAME) == 2 * EACH);

            long begun = System.nanoTime();
            process.destroy();
            assertThat(brief).allSatisfy(response -> assertThat(
                            response.get(30, TimeUnit.SECONDS).statusCode())
                    .isEqualTo(200));
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            Duration took = Duration.ofNanos(System.nanoTime() - begun);

            assertThat(TestPostgres.sleeping(NAME)).isZero();
            assertThat(endless).allSatisfy(response -> {
                assertThat(response.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
                assertThat(response.get().headers().firstValue("Connection")).hasValue("close");
            });
            await().untilAsserted(() -> assertThat(TestPostgres.sessions(NAME)).isZero());
            assertThat(took).isBetween(GRACE, GRACE.plusSeconds(20)); // the goal: GRACE + 2 s
            assertThat(Files.readString(log)).doesNotContain(" ERROR ");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Process start(Path log) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ShutdownApplication.class.getName(),
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--context.shutdown.grace-period=" + GRACE,
                        "--spring.datasource.hikari.maximum-pool-size=" + 2 * EACH,
                        "--spring.datasource.url=" + TestPostgres.url(NAME),
                        "--spring.datasource.username=" + TestPostgres.user(),
                        "--spring.datasource.password=" + TestPostgres.password())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static int port(Process process, Path log) {
        Matcher[] started = new Matcher[1];
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            started[0] = STARTED.matcher(Files.readString(log));
            return started[0].find();
        });
        return Integer.parseInt(started[0].group(1));
    }

    private CompletableFuture<HttpResponse<String>> get(int port, int seconds) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/sleep?seconds=" + seconds);
        return client.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
