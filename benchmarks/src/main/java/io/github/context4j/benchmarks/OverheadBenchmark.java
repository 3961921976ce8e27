package io.github.context4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What the library costs a request that it has nothing to do for: the same service with {@code context.enabled=true} and
 * {@code false}, in alternating rounds, over as many kept-alive connections as the argument says, 16 if there is none. One
 * thread is the client of all: it sends a request over each, then reads all responses. Client and server share the process
 * and its CPU time, so the ratio is diluted by the client's share, which is the same on both sides.
 *
 * <p>With one connection, it is mostly the scheduling of threads by the operating system that is measured.
 */
public final class OverheadBenchmark {
    private static final int CONNECTIONS = 16;
    private static final int ROUNDS = 15;
    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private OverheadBenchmark() {}

    private record Round(double perSecond, double cpuMicros) {}

    public static void main(String[] args) throws Exception {
        int connections = args.length == 0 ? CONNECTIONS : Integer.parseInt(args[0]);
        try (EmbeddedPostgres database = BenchmarkServer.database();
                BenchmarkServer with = BenchmarkServer.start(
                        database, "with", "context.request.timeout=30s", "context.dependencies.db.timeout=5s");
                BenchmarkServer without = BenchmarkServer.start(database, "without", "context.enabled=false")) {
            for (String path : new String[] {"/ping", "/user?id=7"}) {
                compare(path, connections, with, without);
            }
        }
    }

    private static void compare(String path, int connections, BenchmarkServer with, BenchmarkServer without)
            throws IOException {
        Round[] on = new Round[ROUNDS];
        Round[] off = new Round[ROUNDS];
        try (Client first = new Client(with, connections);
                Client second = new Client(without, connections)) {
            for (int i = 0; i < 5; i++) {
                first.round(path);
                second.round(path);
            }
            for (int i = 0; i < ROUNDS; i++) {
                on[i] = first.round(path);
                off[i] = second.round(path);
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

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Some connections to a server, used by one thread. */
    private static final class Client implements AutoCloseable {
        private final Socket[] sockets;
        private final byte[] buffer = new byte[4096];

        Client(BenchmarkServer server, int connections) throws IOException {
            sockets = new Socket[connections];
            for (int i = 0; i < connections; i++) {
                sockets[i] = server.connect();
            }
        }

        Round round(String path) throws IOException {
            byte[] request = BenchmarkServer.get(path);
            OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long cpu = process.getProcessCpuTime();
            long start = System.nanoTime();
            long count = 0;
            while (System.nanoTime() - start < ROUND_NANOS) {
                for (Socket socket : sockets) {
                    socket.getOutputStream().write(request);
                }
                for (Socket socket : sockets) {
                    if (socket.getInputStream().read(buffer) < 0) { // a response this small comes in one piece
                        throw new IOException("closed by the server");
                    }
                }
                count += sockets.length;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Round(count / seconds, (process.getProcessCpuTime() - cpu) / 1e3 / count);
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
