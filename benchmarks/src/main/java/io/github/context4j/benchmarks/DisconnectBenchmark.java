package io.github.context4j.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * From the moment at which a client closes its socket to the moment at which PostgreSQL no longer shows its query: clients
 * one after the other, and 200 at once.
 */
public final class DisconnectBenchmark {
    private static final String NAME = "disconnect-benchmark";
    private static final int CLIENTS = 200;
    private static final int WARM_UP = 50;
    private static final int POOL = 20;

    private DisconnectBenchmark() {}

    public static void main(String[] args) throws Exception {
        try (EmbeddedPostgres database = BenchmarkServer.database();
                BenchmarkServer server = BenchmarkServer.start(database, NAME);
                Connection observer = database.getPostgresDatabase().getConnection()) {
            try (Socket first = server.connect()) { // the pool fills when it is first asked
                first.getOutputStream().write(BenchmarkServer.get("/user?id=1"));
                await(() -> backends(observer).size() == POOL);
            }
            Set<Integer> before = backends(observer);
            double[] millis = new double[CLIENTS];
            for (int i = -WARM_UP; i < CLIENTS; i++) {
                double took = oneLeaves(server, observer, i);
                if (i >= 0) {
                    millis[i] = took;
                }
            }
            Arrays.sort(millis);
            System.out.printf(
                    "one after the other: query gone p50 %.2f ms, p99 %.2f ms, max %.2f ms%n",
                    millis[CLIENTS / 2], millis[CLIENTS * 99 / 100], millis[CLIENTS - 1]);
            for (int round = 0; round < 5; round++) {
                System.out.printf(
                        "%d at once, pool of %d: all queries gone in %.1f ms%n",
                        CLIENTS, POOL, allLeave(server, observer));
            }
            Set<Integer> after = backends(observer);
            after.retainAll(before);
            System.out.printf("connections kept: %d of %d%n", after.size(), POOL);
        }
    }

    private static double oneLeaves(BenchmarkServer server, Connection observer, int id) throws Exception {
        try (Socket socket = server.connect()) {
            socket.getOutputStream().write(BenchmarkServer.get("/slow?id=" + id));
            await(() -> running(observer, "%client " + id + ".%") == 1);
            // An instant in which the machine has nothing else to do, as it has between two requests of a person.
            TimeUnit.MILLISECONDS.sleep(20);
            long left = System.nanoTime();
            socket.close();
            await(() -> running(observer, "%client " + id + ".%") == 0);
            return (System.nanoTime() - left) / 1e6;
        }
    }

    private static double allLeave(BenchmarkServer server, Connection observer) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Socket socket = server.connect();
            socket.getOutputStream().write(BenchmarkServer.get("/slow?id=" + i));
            sockets.add(socket);
        }
        await(() -> running(observer, "%client%") == POOL);
        TimeUnit.MILLISECONDS.sleep(500); // until the other 180 wait for a connection
        long left = System.nanoTime();
        for (Socket socket : sockets) {
            socket.close();
        }
        await(() -> running(observer, "%client%") == 0);
        return (System.nanoTime() - left) / 1e6;
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private static void await(Condition condition) throws SQLException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            if (System.nanoTime() - limit > 0) {
                throw new IllegalStateException("waited for more than a minute");
            }
        }
    }

    private static int running(Connection observer, String like) throws SQLException {
        try (PreparedStatement statement = observer.prepareStatement(
                "select count(*) from pg_stat_activity where application_name = ? and state = 'active' and query like ?")) {
            statement.setString(1, NAME);
            statement.setString(2, like);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    private static Set<Integer> backends(Connection observer) throws SQLException {
        try (PreparedStatement statement =
                observer.prepareStatement("select pid from pg_stat_activity where application_name = ?")) {
            statement.setString(1, NAME);
            Set<Integer> pids = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    pids.add(rows.getInt(1));
                }
            }
            return pids;
        }
    }
}
