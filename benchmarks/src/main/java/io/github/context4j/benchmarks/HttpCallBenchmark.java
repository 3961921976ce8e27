package io.github.context4j.benchmarks;

import com.sun.management.ThreadMXBean;
import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.client.ContextRestClients;
import io.github.context4j.spring.client.HttpDependencies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.function.ToDoubleFunction;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.web.client.RestClient;

/**
 * What a call by {@code RestClient} costs more under a context, with a time-out of the dependency, in alternating rounds with
 * one whose factory is as it was; and how long a call that waits for its response takes to come back when its context is
 * canceled. The server is a loop on the loopback interface in the same process.
 */
public final class HttpCallBenchmark {
    private static final int ROUNDS = 400;
    private static final int CALLS = 250;
    private static final int ABORTS = 300;

    private HttpCallBenchmark() {}

    private record Round(double micros, double cpuMicros, double bytes) {}

    public static void main(String[] args) throws Exception {
        Map<String, ClientHttpRequestFactoryBuilder<?>> builders = new LinkedHashMap<>();
        builders.put("JDK", ClientHttpRequestFactoryBuilder.jdk());
        builders.put("HttpComponents", ClientHttpRequestFactoryBuilder.httpComponents());
        builders.put("Jetty", ClientHttpRequestFactoryBuilder.jetty());
        Dependency http = new Dependency("http", Duration.ofSeconds(5));
        ContextRestClients contexts = new ContextRestClients(
                new DependencyCalls(Mode.ENFORCE, new ContextObserver() {}),
                new HttpDependencies(Map.of("http", http), Map.of(), Map.of(), http),
                PropagatedValues.switchedOff(),
                null);
        try (Server server = new Server()) {
            for (Map.Entry<String, ClientHttpRequestFactoryBuilder<?>> entry : builders.entrySet()) {
                RestClient with = RestClient.builder()
                        .requestFactory(contexts.wrap(entry.getValue()).build())
                        .build();
                RestClient without = RestClient.builder()
                        .requestFactory(entry.getValue().build())
                        .build();
                overhead(entry.getKey(), with, without, server.url("/hello"));
                aborts(entry.getKey(), with, server);
            }
        }
        System.exit(0); // some clients leave threads that are no daemons
    }

    private static void overhead(String name, RestClient with, RestClient without, String url) {
        Round[] on = new Round[ROUNDS];
        Round[] off = new Round[ROUNDS];
        try (CancelableContext request = Context.background().withTimeout(Duration.ofHours(1))) {
            for (int i = 0; i < 80; i++) {
                request.run(() -> round(with, url));
                round(without, url);
            }
            for (int i = 0; i < ROUNDS; i++) {
                on[i] = request.<Round, RuntimeException>call(() -> round(with, url));
                off[i] = round(without, url);
            }
        }
        System.out.printf(
                "%-15s call %5.1f us; more under a context: %5.2f us, %5.2f us CPU, %4.0f B%n",
                name,
                quiet(off, Round::micros),
                quiet(on, Round::micros) - quiet(off, Round::micros),
                quiet(on, Round::cpuMicros) - quiet(off, Round::cpuMicros),
                quiet(on, Round::bytes) - quiet(off, Round::bytes));
    }

    /** The bytes are those of this thread, the CPU time is that of all. */
    private static Round round(RestClient client, String url) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long cpu = cpu(threads);
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            if (!"hello".equals(client.get().uri(url).retrieve().body(String.class))) {
                throw new IllegalStateException("no answer");
            }
        }
        return new Round(
                (System.nanoTime() - start) / 1e3 / CALLS,
                (cpu(threads) - cpu) / 1e3 / CALLS,
                (double) (threads.getCurrentThreadAllocatedBytes() - bytes) / CALLS);
    }

    private static long cpu(ThreadMXBean threads) {
        return Arrays.stream(threads.getThreadCpuTime(threads.getAllThreadIds()))
                .filter(nanos -> nanos > 0)
                .sum();
    }

    /** Of the rounds in which the system woke threads where they had run: in others a call takes three times as long. */
    private static double quiet(Round[] rounds, ToDoubleFunction<Round> figure) {
        return quantile(Arrays.stream(rounds).mapToDouble(figure).toArray(), 0.1);
    }

    private static double quantile(double[] values, double q) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (q * (sorted.length - 1))];
    }

    private static void aborts(String name, RestClient client, Server server) throws Exception {
        double[] micros = new double[ABORTS];
        for (int i = 0; i < ABORTS; i++) {
            micros[i] = abort(client, server) / 1e3;
        }
        System.out.printf(
                "%-15s back after a cancel: p50 %.0f us, p99 %.0f us%n",
                name, quantile(micros, 0.5), quantile(micros, 0.99));
    }

    private static long abort(RestClient client, Server server) throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<Long> call = new FutureTask<>(() -> context.call(() -> untilBack(client, server.url("/stall"))));
            new Thread(call, "caller").start();
            server.stalled.take().countDown();
            long canceled = System.nanoTime();
            context.cancel();
            return call.get() - canceled;
        }
    }

    private static long untilBack(RestClient client, String url) {
        try {
            throw new IllegalStateException(
                    "answered: " + client.get().uri(url).retrieve().body(String.class));
        } catch (CanceledException e) {
            return System.nanoTime();
        }
    }

    /** Says hello over kept-alive connections, or stalls. */
    private static final class Server implements AutoCloseable {
        private static final byte[] HELLO =
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
                        .getBytes(StandardCharsets.US_ASCII);

        final SynchronousQueue<CountDownLatch> stalled = new SynchronousQueue<>();
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

        Server() throws IOException {
            start("acceptor", () -> {
                while (true) {
                    Socket connection = socket.accept();
                    connection.setTcpNoDelay(true);
                    start("connection", () -> serve(connection));
                }
            });
        }

        private interface Work {
            void run() throws Exception;
        }

        private static void start(String name, Work work) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } catch (Exception e) {
                            // closed by either side
                        }
                    },
                    name);
            thread.setDaemon(true);
            thread.start();
        }

        String url(String path) {
            return "http://127.0.0.1:" + socket.getLocalPort() + path;
        }

        private void serve(Socket connection) throws Exception {
            try (connection) {
                InputStream in = connection.getInputStream();
                OutputStream out = connection.getOutputStream();
                byte[] buffer = new byte[4096];
                int count = in.read(buffer); // a request this small comes in one piece
                while (count > 0) {
                    if (new String(buffer, 0, count, StandardCharsets.US_ASCII).startsWith("GET /stall")) {
                        CountDownLatch seen = new CountDownLatch(1);
                        stalled.put(seen);
                        seen.await();
                    } else {
                        out.write(HELLO);
                    }
                    count = in.read(buffer);
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
