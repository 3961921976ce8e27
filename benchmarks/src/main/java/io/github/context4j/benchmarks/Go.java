package io.github.context4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs one benchmark in Go: the tests in {@code benchmarks/go}, compiled once. */
final class Go {
    private static final Path SOURCE = Path.of("benchmarks", "go");
    private static final Path BINARY =
            Path.of("benchmarks", "target", "go.test").toAbsolutePath();

    private final Effort effort;

    private final String version;

    private Go(Effort effort, String version) {
        this.effort = effort;
        this.version = version;
    }

    /** Null where there is no toolchain. */
    static @Nullable Go compile(Effort effort) {
        try {
            String version = run(List.of("go", "env", "GOVERSION")).strip();
            run(List.of("go", "test", "-c", "-o", BINARY.toString(), "."));
            return new Go(effort, version);
        } catch (IOException e) {
            System.err.println("Without Go: " + e.getMessage());
            return null;
        }
    }

    String version() {
        return version;
    }

    Sample run(Case what) {
        // The benchmark is warm at once, and repeated with more rounds until it has taken so long.
        long millis = effort.iteration().convertTo(TimeUnit.MILLISECONDS) * effort.iterations();
        String pattern = "^" + what.goName().replace("/", "$/^") + "$";
        try {
            return parse(run(List.of(
                    BINARY.toString(),
                    "-test.run=^$",
                    "-test.bench=" + pattern,
                    "-test.benchtime=" + millis + "ms",
                    "-threads=" + what.threads())));
        } catch (IOException e) {
            System.err.println(e.getMessage());
            return Sample.FAILED;
        }
    }

    private static Sample parse(String output) {
        return new Sample(
                "",
                figure(output, "ns/op"),
                figure(output, "B/op"),
                figure(output, "cpu-ns/op"),
                Double.NaN,
                Double.NaN);
    }

    private static double figure(String output, String unit) {
        Matcher matcher = Pattern.compile("\\s([0-9.e+-]+) " + unit).matcher(output);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
    }

    private static String run(List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(SOURCE.toFile()).redirectErrorStream(true);
        builder.environment().put("GOTOOLCHAIN", "local"); // the one that is here, nothing from the network
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
            return output;
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted: " + command, e);
        }
    }
}
