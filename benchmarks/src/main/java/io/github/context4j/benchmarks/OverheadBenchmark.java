package io.github.context4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What the library costs a request that it has nothing to do for: the same service with {@code context.enabled=true} and
 * {@code false}, in alternating rounds, each over one kept-alive connection. Client and server share the process and its CPU
 * time, so the ratio is diluted by the client's share, which is the same on both sides.
 */
public final class OverheadBenchmark {
    private static final int ROUNDS = 15;
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private OverheadBenchmark() {}

    private record Round(double perSecond, double cpuMicros) {}

    public static void main(String[] args) throws Exception {
        try (EmbeddedPostgres database = BenchmarkServer.database();
                BenchmarkServer with = BenchmarkServer.start(
                        database, "with", "context.request.timeout=30s", "context.dependencies.db.timeout=5s");
                BenchmarkServer without = BenchmarkServer.start(database, "without", "context.enabled=false")) {
            for (String path : new String[] {"/ping", "/user?id=7"}) {
                compare(path, with, without);
            }
        }
    }

    private static void compare(String path, BenchmarkServer with, BenchmarkServer without) throws IOException {
        Round[] on = new Round[ROUNDS];
        Round[] off = new Round[ROUNDS];
        try (Socket first = with.connect();
                Socket second = without.connect()) {
            for (int i = 0; i < 5; i++) {
                round(first, path);
                round(second, path);
            }
            for (int i = 0; i < ROUNDS; i++) {
                on[i] = round(first, path);
                off[i] = round(second, path);
            }
        }
        double[] throughput = new double[ROUNDS];
        double[] cpu = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            throughput[i] = on[i].perSecond / off[i].perSecond;
            cpu[i] = on[i].cpuMicros / off[i].cpuMicros;
        }
        System.out.printf(
                "%-12s with %6.0f/s %5.1f us CPU, without %6.0f/s %5.1f us CPU; ratio of pairs: requests %.3f, CPU %.3f%n",
                path,
                median(Arrays.stream(on).mapToDouble(Round::perSecond).toArray()),
                median(Arrays.stream(on).mapToDouble(Round::cpuMicros).toArray()),
                median(Arrays.stream(off).mapToDouble(Round::perSecond).toArray()),
                median(Arrays.stream(off).mapToDouble(Round::cpuMicros).toArray()),
                median(throughput),
                median(cpu));
    }

    private static Round round(Socket socket, String path) throws IOException {
        byte[] request = BenchmarkServer.get(path);
        byte[] buffer = new byte[4096];
        InputStream in = socket.getInputStream();
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = process.getProcessCpuTime();
        long start = System.nanoTime();
        long count = 0;
        while (System.nanoTime() - start < ROUND_NANOS) {
            socket.getOutputStream().write(request);
            if (in.read(buffer) < 0) { // a response this small comes in one piece
                throw new IOException("closed by the server");
            }
            count++;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Round(count / seconds, (process.getProcessCpuTime() - cpu) / 1e3 / count);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
