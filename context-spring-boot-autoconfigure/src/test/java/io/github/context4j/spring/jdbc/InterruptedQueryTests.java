package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.NamedDependency;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * Deadlines that pass at any moment of a query under a dependency that is interrupted. An interrupt that reaches the driver
 * closes the socket of a virtual thread, and with it the connection.
 */
@Timeout(600)
class InterruptedQueryTests {
    private static final String NAME = InterruptedQueryTests.class.getSimpleName();
    private static final int DEADLINES = Boolean.getBoolean("context4j.stress") ? 10_000 : 500;
    private static final int WORKERS = 8;

    private final AtomicInteger byDeadline = new AtomicInteger();

    @Test
    void noDeadlineCostsAConnectionOrLeavesAnInterruptOnPlatformThreads() throws Exception {
        deadlinesInMidQuery(Executors.newFixedThreadPool(WORKERS));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void noDeadlineCostsAConnectionOrLeavesAnInterruptOnVirtualThreads() throws Exception {
        deadlinesInMidQuery((ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
    }

    private void deadlinesInMidQuery(ExecutorService threads) throws Exception {
        try (GuardedPool db = GuardedPool.postgres(InterruptedQueryTests.class, WORKERS)) {
            Awaitility.await().until(() -> db.pool.getHikariPoolMXBean().getIdleConnections() == WORKERS);
            List<Integer> backends = TestPostgres.backends(NAME);
            List<Future<Boolean>> all = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                NamedDependency slow = new Dependencies(
                                List.of(new Dependency("slow", Duration.ofMillis(20 + worker), true)), db.calls)
                        .named("slow");
                all.add(threads.submit(() -> work(db, slow)));
            }
            for (Future<Boolean> each : all) {
                assertThat(each.get()).as("interrupt left").isFalse();
            }
            db.assertKept(backends, NAME);
            assertThat(byDeadline.get()).isGreaterThan(DEADLINES / 4);
        } finally {
            threads.shutdown();
        }
    }

    /** Makes this worker's part of the calls; whether an interrupt was left after any of them. */
    private boolean work(GuardedPool db, NamedDependency slow) throws SQLException {
        boolean left = false;
        for (int i = 0; i < DEADLINES / WORKERS; i++) {
            int round = i;
            try {
                slow.run(() -> query(db, round));
            } catch (SQLException | ContextException e) {
                if (!(ContextException.in(e) instanceof DeadlineExceededException)) {
                    throw e;
                }
                byDeadline.incrementAndGet();
            }
            left |= Thread.interrupted();
        }
        return left;
    }

    /** Long queries, and short ones by the dozen, with and without a transaction, and a wait that is interrupted. */
    private static void query(GuardedPool db, int round) throws SQLException {
        try (Connection connection = db.getConnection()) {
            connection.setAutoCommit(round % 2 == 0);
            for (int i = 0; i < 1_000 && !Context.current().isDone(); i++) {
                try (PreparedStatement statement = connection.prepareStatement("select pg_sleep(?)")) {
                    statement.setDouble(1, round % 3 == 0 ? 30 : 0.0005);
                    statement.execute();
                }
            }
            while (!Thread.currentThread().isInterrupted()) { // it comes, once the driver is left
                LockSupport.parkNanos(1_000);
            }
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        }
    }
}
