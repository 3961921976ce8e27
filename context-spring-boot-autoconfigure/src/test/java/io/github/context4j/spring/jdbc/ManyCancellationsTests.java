package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two hundred callers that leave, by and by or all at once, from a pool of twenty. */
@Timeout(300)
class ManyCancellationsTests {
    private static final String NAME = ManyCancellationsTests.class.getSimpleName();
    private static final int CALLERS = 200;
    private static final int POOL = 20;

    private final GuardedPool db = GuardedPool.postgres(ManyCancellationsTests.class, POOL);
    private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    private List<Integer> backends = List.of();

    @BeforeEach
    void fillThePool() throws SQLException {
        await().until(() -> db.pool.getHikariPoolMXBean().getIdleConnections() == POOL);
        backends = TestPostgres.backends(NAME);
    }

    @AfterEach
    void close() throws SQLException {
        await().untilAsserted(() -> assertThat(TestPostgres.activeQueries(NAME)).isZero());
        db.assertKept(backends, NAME);
        await().untilAsserted(() ->
                assertThat(db.pool.getHikariPoolMXBean().getIdleConnections()).isEqualTo(POOL));
        db.assertSent();
        assertThat(db.ended).hasSize(CALLERS).allMatch(call -> call.endsWith(" canceled"));
        assertThat(db.calls.inFlight()).isEmpty();
        threads.shutdown();
        db.close();
    }

    @Test
    void queriesAreGoneSoonAfterTheirCallerHasLeft() throws Exception {
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            try (CancelableContext request = Context.background().withCancel()) {
                CountDownLatch begun = new CountDownLatch(1);
                Future<Throwable> query = threads.submit(() -> sleep(request, begun));
                begun.await();
                await().pollInterval(Duration.ofMillis(1)).until(() -> db.calls.inFlight().stream()
                        .anyMatch(call -> call.operation().equals("execute")));
                long start = System.nanoTime();
                request.cancel();
                assertThat(ContextException.in(query.get())).isInstanceOf(CanceledException.class);
                nanos.add(System.nanoTime() - start);
            }
        }
        nanos.sort(null);
        assertThat(Duration.ofNanos(nanos.get(CALLERS / 2))).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void whenAllLeaveAtOnceQueriesAndWaitsForConnectionsEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(CALLERS);
        try (CancelableContext server = Context.background().withCancel()) {
            List<Future<Throwable>> all = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                all.add(threads.submit(() -> sleep(server, begun)));
            }
            begun.await();
            await().until(() -> TestPostgres.activeQueries(NAME) == POOL);
            server.cancel();
            for (Future<Throwable> each : all) {
                assertThat(ContextException.in(each.get())).isInstanceOf(CanceledException.class);
            }
        }
        assertThat(db.ended.stream().filter("execute canceled"::equals).count()).isGreaterThanOrEqualTo(POOL);
    }

    /** Returns what the query failed with, on a thread without an interrupt. */
    private Throwable sleep(Context request, CountDownLatch begun) {
        try {
            request.run(() -> {
                begun.countDown();
                try (Connection connection = db.getConnection();
                        Statement statement = connection.createStatement()) {
                    statement.execute("select pg_sleep(30)");
                }
            });
            return new AssertionError("the query ended by itself");
        } catch (SQLException e) {
            return Thread.interrupted() ? new AssertionError("interrupted") : e;
        }
    }
}
