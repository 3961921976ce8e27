package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;

/**
 * How long the actuator endpoint {@code contexts} takes to list 100 of 10,000 requests in progress, each with a call in flight,
 * while another connection sends small requests; and what becomes of those meanwhile, in rounds that alternate with none of the
 * endpoint. The 10,000 are entered into the registry without having connections.
 */
public final class EndpointBenchmark {
    private static final int LIVE = 10_000;
    private static final int ROUNDS = 40;
    private static final int LISTINGS = 5;
    private static final int PINGS = 1_000;
    private static final byte[] PING = BenchmarkServer.get("/ping");
    private static final byte[] LIST = "GET /actuator/contexts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    private EndpointBenchmark() {}

    public static void main(String[] args) throws Exception {
        try (EmbeddedPostgres database = BenchmarkServer.database();
                BenchmarkServer server = BenchmarkServer.start(
                        database,
                        "endpoint",
                        "management.endpoints.web.exposure.include=contexts",
                        "context.request.timeout=30s");
                CancelableContext root = Context.background().withCancel();
                Socket pings = server.connect()) {
            fill(server, root);
            double[] beside = new double[ROUNDS * PINGS];
            double[] alone = new double[ROUNDS * PINGS];
            double[] listings = new double[ROUNDS * LISTINGS];
            for (int warmUp = 0; warmUp < 2; warmUp++) {
                for (int i = 0; i < ROUNDS; i++) {
                    ping(pings, alone, i);
                    FutureTask<double[]> lister = new FutureTask<>(() -> list(server));
                    new Thread(lister, "lister").start();
                    ping(pings, beside, i);
                    System.arraycopy(lister.get(), 0, listings, i * LISTINGS, LISTINGS);
                }
            }
            System.out.printf(
                    "100 of %,d listed: p50 %.1f ms, p99 %.1f ms%n", LIVE, at(listings, 0.5), at(listings, 0.99));
            System.out.printf(
                    "requests meanwhile: p50 %.3f ms, p99 %.3f ms; without: p50 %.3f ms, p99 %.3f ms%n",
                    at(beside, 0.5), at(beside, 0.99), at(alone, 0.5), at(alone, 0.99));
        }
    }

    @SuppressWarnings("MustBeClosed") // they end with the root
    private static void fill(BenchmarkServer server, Context root) {
        LiveContexts live = server.bean(LiveContexts.class);
        DependencyCalls calls = server.bean(DependencyCalls.class);
        Dependency dependency = new Dependency("db", Duration.ofMinutes(5));
        List<DependencyCall> begun = new ArrayList<>(LIVE);
        for (int i = 0; i < LIVE; i++) {
            CancelableContext context = root.withTimeout(Duration.ofMinutes(10));
            LiveContext request = new LiveContext("GET /reports/{id}", context, context::cancel);
            live.add(request);
            context.withValue(LiveContext.KEY, request).run(() -> begun.add(calls.begin(dependency, "query")));
        }
    }

    private static void ping(Socket socket, double[] millis, int round) throws IOException {
        byte[] buffer = new byte[4096];
        for (int i = 0; i < PINGS; i++) {
            long start = System.nanoTime();
            socket.getOutputStream().write(PING);
            if (socket.getInputStream().read(buffer) < 0) { // a response this small comes in one piece
                throw new IOException("closed by the server");
            }
            millis[round * PINGS + i] = (System.nanoTime() - start) / 1e6;
        }
    }

    private static double[] list(BenchmarkServer server) throws IOException {
        double[] millis = new double[LISTINGS];
        for (int i = 0; i < LISTINGS; i++) {
            long start = System.nanoTime();
            try (Socket socket = server.connect();
                    InputStream in = socket.getInputStream()) {
                socket.getOutputStream().write(LIST);
                String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                if (!answer.contains("\"total\":1000")) { // one of the small requests may be in progress
                    throw new IOException(
                            "not " + LIVE + " in: " + answer.substring(0, Math.min(300, answer.length())));
                }
            }
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        return millis;
    }

    private static double at(double[] values, double quantile) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (quantile * (sorted.length - 1))];
    }
}
