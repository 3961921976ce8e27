package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.testing.TestPostgres;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Real sockets are closed, and real queries die: on Tomcat, through Hikari, in PostgreSQL. */
class DisconnectEndToEndTests {
    private static final String NAME = "DisconnectEndToEndTests";
    private static final int POOL = 20;
    private static final int ENOUGH = 300;
    private static final Duration CEILING = Duration.ofSeconds(2);

    /** Less than the queries take by themselves; a loaded machine may well stop for some seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static TestServer server;
    private static Connection observer;
    private static Set<String> threadsBefore;

    private Set<Integer> backendsBefore;
    private long canceledBefore;
    private double unknownBefore;

    @BeforeAll
    static void start() throws SQLException {
        observer = TestPostgres.connect("observer of " + NAME);
        try (Statement statement = observer.createStatement()) {
            statement.execute("drop sequence if exists begun; create sequence begun");
        }
        server = TestServer.start(
                App.class,
                "spring.datasource.url=" + TestPostgres.url(NAME),
                "spring.datasource.username=" + TestPostgres.user(),
                "spring.datasource.password=" + TestPostgres.password(),
                "spring.datasource.hikari.maximum-pool-size=" + POOL,
                "spring.datasource.hikari.minimum-idle=" + POOL);
        assertThat(server.get("/ping").body()).isEqualTo("1");
        threadsBefore = ownThreads();
    }

    @AfterAll
    static void nothingIsLeft() throws SQLException {
        try {
            assertThat(server.bean(LiveContexts.class).all()).isEmpty();
            assertThat(server.bean(DependencyCalls.class).inFlight()).isEmpty();
            // The timer's thread goes only when no timer is armed, and the cancellers' when nothing is to be canceled.
            // Those for
            // actions go five seconds after the last, which may be to look for zombies, as long after the last
            // cancellation.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(ownThreads()).isSubsetOf(threadsBefore));
        } finally {
            server.close();
            observer.close();
        }
    }

    /** The library's threads but the watcher, which lives as long as the server. */
    private static Set<String> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("context-") && !name.contains("watch"))
                .collect(Collectors.toSet());
    }

    @BeforeEach
    void remember() throws SQLException {
        await().atMost(PATIENCE).until(() -> backends().size() == POOL);
        backendsBefore = backends();
        canceledBefore = canceled();
        unknownBefore = unknownCancels();
    }

    /** But for cancels that took so long, on a machine that stood still, that nobody knows whether they will still arrive. */
    @AfterEach
    void noConnectionWasReplaced() throws SQLException {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(activeQueries()).isZero());
        Set<Integer> replaced = new HashSet<>(backendsBefore);
        replaced.removeAll(backends());
        assertThat(replaced).hasSizeLessThanOrEqualTo((int) (unknownCancels() - unknownBefore));
        assertThat(server.get("/ping").body()).isEqualTo("1");
    }

    @Test
    void twoHundredClientsLeaveOneAfterTheOther() throws Exception {
        int clients = 200;
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Future<Duration>> gone = new ArrayList<>();
            long next = System.nanoTime();
            for (int i = 0; i < clients; i++) {
                LockSupport.parkNanos(next - System.nanoTime());
                next += TimeUnit.MILLISECONDS.toNanos(50);
                String marker = "one-" + i + ".";
                gone.add(executor.submit(() -> leaveAndSeeQueryGone(marker)));
            }
            List<Duration> sorted = collect(gone);
            System.out.printf(
                    "client left -> query gone: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
                    millis(sorted.get(clients / 2)),
                    millis(sorted.get(clients * 99 / 100)),
                    millis(sorted.get(clients - 1)));
            assertThat(sorted.get(clients / 2)).isLessThan(CEILING);
        } finally {
            executor.shutdownNow();
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(canceled() - canceledBefore).isEqualTo(clients));
    }

    @Test
    void twoHundredClientsLeaveAtOnce() throws Exception {
        int clients = 200;
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            sockets.add(server.open("GET", "/report?marker=all"));
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(activeQueries()).isEqualTo(POOL);
            assertThat(server.bean(LiveContexts.class).all()).hasSize(clients);
        });

        long left = System.nanoTime();
        for (Socket socket : sockets) {
            socket.close();
        }

        await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).untilAsserted(() -> assertThat(activeQueries())
                .isZero());
        System.out.printf("200 clients left at once -> all queries gone: %.1f ms%n", millis(since(left)));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(canceled() - canceledBefore).isEqualTo(clients));
    }

    @Test
    void noQuerySurvivesAClientThatLeavesAtOnce() throws Exception {
        int clients = 0;
        long begunBefore = begun();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (clients < 1000 || (clients < 5000 && begun() - begunBefore < ENOUGH)) {
            clients++;
            try (Socket socket = server.open("GET", "/report?marker=quick")) {
                LockSupport.parkNanos(
                        random.nextLong(1L << random.nextInt(16, 25))); // less than 17 ms, mostly much less
            }
        }

        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(activeQueries()).isZero();
            assertThat(server.bean(LiveContexts.class).all()).isEmpty();
        });
        long begun = begun() - begunBefore;
        System.out.printf("%d clients left within 17 ms: %d queries had begun, 0 survived%n", clients, begun);
        assertThat(begun)
                .as("queries that had begun; with fewer this test shows nothing")
                .isGreaterThanOrEqualTo(ENOUGH);
    }

    private static Duration leaveAndSeeQueryGone(String marker) throws Exception {
        try (Connection own = TestPostgres.connect("observer of " + NAME);
                PreparedStatement runs = own.prepareStatement(
                        "select count(*) from pg_stat_activity where application_name = ? and state = 'active'"
                                + " and query like ?")) {
            runs.setString(1, NAME);
            runs.setString(2, "%" + marker + "%");
            Socket socket = server.open("GET", "/report?marker=" + marker);
            waitUntil(() -> single(runs) == 1);
            long left = System.nanoTime();
            socket.close();
            waitUntil(() -> single(runs) == 0);
            return since(left);
        }
    }

    private static void waitUntil(Callable<Boolean> condition) throws Exception {
        long give = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.call()) {
            assertThat(System.nanoTime() - give).as("nanoseconds over time").isNegative();
        }
    }

    private static List<Duration> collect(List<Future<Duration>> futures) throws Exception {
        List<Duration> all = new ArrayList<>();
        for (Future<Duration> future : futures) {
            all.add(future.get(60, TimeUnit.SECONDS));
        }
        all.sort(null);
        return all;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private static long canceled() {
        return server.count("context.requests", "outcome", "canceled", "cause", "client_disconnected");
    }

    private static double unknownCancels() {
        Counter unknown = server.bean(MeterRegistry.class)
                .find("context.jdbc.cancels")
                .tag("result", "unknown")
                .counter();
        return unknown == null ? 0 : unknown.count();
    }

    private static long activeQueries() throws SQLException {
        return TestPostgres.activeQueries(NAME);
    }

    private static long begun() throws SQLException {
        try (PreparedStatement statement = observer.prepareStatement("select last_value from begun")) {
            return single(statement);
        }
    }

    private static long single(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Set<Integer> backends() throws SQLException {
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

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @RestController
    static class App {
        private final JdbcClient jdbc;

        App(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        /** Counts itself in the database, where no cancel takes it back, and then takes 30 s. */
        @GetMapping("/report")
        String report(@RequestParam String marker) {
            if (!marker.matches("[a-z0-9.-]+")) {
                throw new IllegalArgumentException(marker);
            }
            return jdbc.sql("select nextval('begun'), pg_sleep(30) /* " + marker + " */")
                    .query()
                    .singleRow()
                    .toString();
        }

        @GetMapping("/ping")
        int ping() {
            return jdbc.sql("select 1").query(Integer.class).single();
        }
    }
}
