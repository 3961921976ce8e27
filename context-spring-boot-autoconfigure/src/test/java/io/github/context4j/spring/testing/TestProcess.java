package io.github.context4j.spring.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM of its own, with the class path of the tests, and what it prints. */
public final class TestProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path log;
    private final Process process;

    private TestProcess(Path log, Process process) {
        this.log = log;
        this.process = process;
    }

    /**
     * Starts a JVM.
     *
     * @param log where its output goes
     * @param classPath what is ahead of the class path of the tests; may be empty
     * @param arguments of {@code java}
     */
    public static TestProcess start(Path log, List<Path> classPath, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        String tests = System.getProperty("java.class.path");
        String separator = System.getProperty("path.separator");
        String all =
                String.join(separator, classPath.stream().map(Path::toString).toList());
        command.addAll(List.of(ProcessHandle.current().info().command().orElseThrow(), "-cp"));
        command.add(classPath.isEmpty() ? tests : all + separator + tests);
        command.addAll(arguments);
        return new TestProcess(
                log,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
    }

    /** Waits until Tomcat answers. */
    public TestProcess awaitServer() {
        await().atMost(PATIENCE)
                .until(() -> !process.isAlive() || PORT.matcher(log()).find());
        assertThat(log()).containsPattern(PORT);
        return this;
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url(String path) {
        Matcher port = PORT.matcher(log());
        assertThat(port.find()).isTrue();
        return "http://127.0.0.1:" + port.group(1) + path;
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url(path))).timeout(PATIENCE).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The body of a response with the status 200. */
    public String body(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(() -> path + "\n" + log()).isEqualTo(200);
        return response.body();
    }

    /** Waits until it ends, and returns the exit status. */
    public int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Asks it to end, and returns the exit status. */
    public int stop() throws InterruptedException {
        process.destroy();
        return awaitEnd();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
