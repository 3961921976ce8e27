package io.github.context4j.spring.aot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.springframework.boot.SpringApplicationAotProcessor;

/** An application that was prepared as Spring Boot's build plugins do it, and runs in a process of its own. */
final class Prepared implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path dir;
    private final Path log;
    private final Process process;

    /**
     * Generates sources below {@code dir}, compiles them, and returns where the classes are.
     *
     * @param properties as {@code --key=value}, at build time
     */
    static Path prepare(Path dir, Class<?> application, String... properties) throws Exception {
        Path classes = Files.createDirectories(dir.resolve("classes"));
        List<String> arguments = new ArrayList<>(List.of(
                SpringApplicationAotProcessor.class.getName(),
                application.getName(),
                dir.resolve("sources").toString(),
                classes.toString(),
                classes.toString(),
                "test",
                "test"));
        arguments.addAll(List.of(properties));
        Path log = dir.resolve("prepare.log");
        Process process = java(log, System.getProperty("java.class.path"), arguments);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(() -> read(log)).isZero();
        compile(dir.resolve("sources"), classes);
        return classes;
    }

    private static void compile(Path sources, Path classes) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none", "-nowarn"));
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    /** Starts what was prepared, with {@code properties} as {@code --key=value}. */
    Prepared(Path dir, Class<?> application, String... properties) throws IOException {
        this.dir = dir;
        this.log = Files.createTempFile(dir, "run", ".log");
        List<String> arguments = new ArrayList<>(List.of("-Dspring.aot.enabled=true", application.getName()));
        arguments.addAll(List.of(properties));
        String classPath = dir.resolve("classes") + System.getProperty("path.separator");
        process = java(log, classPath + System.getProperty("java.class.path"), arguments);
        await().atMost(PATIENCE)
                .until(() -> !process.isAlive() || PORT.matcher(log()).find());
        assertThat(log()).containsPattern(PORT).contains("Starting AOT-processed");
    }

    private static Process java(Path log, String classPath, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(ProcessHandle.current().info().command().orElseThrow(), "-cp", classPath));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    String log() {
        return read(log);
    }

    /** Where the classes are that were generated. */
    Path classes() {
        return dir.resolve("classes");
    }

    String url(String path) {
        Matcher port = PORT.matcher(log());
        assertThat(port.find()).isTrue();
        return "http://127.0.0.1:" + port.group(1) + path;
    }

    HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create(url(path));
        return client.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The exit status after the signal to end. */
    int stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
