package io.github.context4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/**
 * What the library adds to the start of a small application on Tomcat with a pool of connections to PostgreSQL, an HTTP
 * client and the actuator: the same application with the library on its class path and without, in JVMs of their own that
 * take turns. The argument says how many pairs, 11 if there is none; whatever follows are options of the JVMs. Where
 * {@value #CACHED} is among them, classes come from a cache that the JDK has made ahead of time (JDK 25 or later; the
 * class path must be of jars then).
 */
public final class StartupBenchmark {
    private static final int PAIRS = 11;
    private static final String CACHED = "cached";
    private static final Pattern OURS =
            Pattern.compile("/context-(core|spring-boot-(autoconfigure|starter))(-[^/]*\\.jar|/target/classes)$");

    private StartupBenchmark() {}

    /**
     * One start: wall time from making the process until the application is ready; what its main thread has used of a
     * processor by then, which is steadier on a busy machine; what all threads have, the compiler's among them; classes.
     */
    private record Start(double millis, double threadMillis, double cpuMillis, int classes) {}

    public static void main(String[] args) throws Exception {
        int pairs = args.length == 0 ? PAIRS : Integer.parseInt(args[0]);
        List<String> options = new ArrayList<>(Arrays.asList(args).subList(Math.min(1, args.length), args.length));
        boolean cached = options.remove(CACHED);
        String all = System.getProperty("java.class.path");
        // gRPC is there for other benchmarks; and the library's jars come last, for the others not to be searched for
        // after them
        String without = entries(all, entry -> !isOurs(entry) && !entry.contains("grpc"));
        String with = without + File.pathSeparator + entries(all, StartupBenchmark::isOurs);
        List<Start> on = new ArrayList<>();
        List<Start> off = new ArrayList<>();
        try (EmbeddedPostgres database = BenchmarkServer.database()) {
            String url = database.getJdbcUrl("postgres", "postgres");
            List<String> onOptions = cached ? cache(with, url, options) : options;
            List<String> offOptions = cached ? cache(without, url, options) : options;
            start(with, url, onOptions); // for the caches of the operating system
            start(without, url, offOptions);
            for (int i = 0; i < pairs; i++) {
                on.add(start(with, url, onOptions));
                off.add(start(without, url, offOptions));
            }
        }
        print("ready after, ms", on, off, Start::millis);
        print("its CPU, ms", on, off, Start::threadMillis);
        print("all CPU, ms", on, off, Start::cpuMillis);
        print("classes", on, off, Start::classes);
    }

    private static boolean isOurs(String entry) {
        return OURS.matcher(entry).find();
    }

    private static String entries(String classPath, Predicate<String> wanted) {
        return Arrays.stream(classPath.split(File.pathSeparator))
                .filter(wanted)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Has a start recorded, and returns the options of those that profit from it. */
    private static List<String> cache(String classPath, String url, List<String> options) throws Exception {
        File cache = File.createTempFile("start", ".aot");
        cache.deleteOnExit();
        List<String> recording = new ArrayList<>(options);
        recording.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-Dspring.context.exit=onRefresh"));
        int result = new ProcessBuilder(command(classPath, url, recording))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (result != 0 || cache.length() == 0) {
            throw new IOException("no cache was made");
        }
        List<String> using = new ArrayList<>(options);
        using.add("-XX:AOTCache=" + cache);
        return using;
    }

    private static List<String> command(String classPath, String url, List<String> options) {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, Application.class.getName(), url));
        return command;
    }

    private static Start start(String classPath, String url, List<String> options) throws Exception {
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command(classPath, url, options))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = output.readLine();
            while (line != null && !line.startsWith("ready ")) {
                line = output.readLine();
            }
            double millis = (System.nanoTime() - begin) / 1e6;
            if (line == null) {
                throw new IOException("an application did not start");
            }
            String[] words = line.split(" ", -1);
            return new Start(
                    millis, Double.parseDouble(words[1]), Double.parseDouble(words[2]), Integer.parseInt(words[3]));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void print(String what, List<Start> on, List<Start> off, ToDoubleFunction<Start> figure) {
        double[] more = new double[on.size()];
        for (int i = 0; i < more.length; i++) {
            more[i] = figure.applyAsDouble(on.get(i)) - figure.applyAsDouble(off.get(i));
        }
        double mean = Arrays.stream(more).average().orElse(Double.NaN);
        double squares = Arrays.stream(more).map(x -> (x - mean) * (x - mean)).sum();
        System.out.printf(
                "%-15s median with %6.0f, without %6.0f; more: median %5.0f, mean %5.0f, standard error %3.0f%n",
                what,
                median(on.stream().mapToDouble(figure).toArray()),
                median(off.stream().mapToDouble(figure).toArray()),
                median(more),
                mean,
                Math.sqrt(squares / (more.length - 1) / more.length));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** What is started, configured as by {@code @SpringBootApplication}; it names nothing of the library's. */
    @Configuration
    @EnableAutoConfiguration
    @RestController
    static class Application {
        public static void main(String[] args) {
            new SpringApplicationBuilder(Application.class)
                    .properties(
                            "server.port=0",
                            "server.address=127.0.0.1",
                            "logging.level.root=error",
                            "spring.main.banner-mode=off",
                            "management.endpoints.web.exposure.include=*",
                            "spring.datasource.url=" + args[0])
                    .run();
            OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            System.out.println("ready "
                    + ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e6 + " "
                    + process.getProcessCpuTime() / 1e6 + " "
                    + ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
        }

        @Bean
        static RestClient client(RestClient.Builder clients) {
            return clients.build();
        }

        @GetMapping("/ping")
        String ping() {
            return "pong";
        }
    }
}
