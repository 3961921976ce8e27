package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A statement that ends by itself at about the time at which its connection is to be aborted: either it has ended, and
 * the connection stays, or the connection is aborted, and no COMMIT follows. The statement swallows the first cancel, sleeps
 * on for about as long as the abort takes to come, and inserts a row; then the caller, whose own context goes on, commits.
 */
@Timeout(300)
class AbortRaceTests {
    private static final String NAME = AbortRaceTests.class.getSimpleName();
    private static final int[] ABORT_AFTER_MILLIS = {3, 5, 12, 60};
    private static final int WORKERS = ABORT_AFTER_MILLIS.length;
    private static final int ROUNDS = Boolean.getBoolean("context4j.stress") ? 5_000 : 150;

    private final AtomicInteger committed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();

    @Test
    void nothingIsCommittedOnceAnAbortIsDecided() throws Exception {
        try (GuardedPool db = GuardedPool.postgres(AbortRaceTests.class, 1)) {
            db.prepare(
                    "create table if not exists aborted (n int)",
                    "truncate aborted",
                    "create or replace function stubborn() returns void language plpgsql as $$ begin"
                            + " begin perform pg_sleep(10); exception when query_canceled then"
                            + " perform pg_sleep(random() * 0.003); end;"
                            + " insert into aborted values (1); end $$");
            ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
            List<Future<?>> all = new ArrayList<>();
            for (int millis : ABORT_AFTER_MILLIS) {
                DataSourceGuard guard = db.guardWith(Duration.ofMillis(millis));
                all.add(workers.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        Context.background().runWithin(Duration.ofSeconds(30), () -> work(guard));
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            workers.shutdown();

            assertThat(unknown).as("aborted during COMMIT").hasValue(0);
            assertThat(db.number("select count(*) from aborted")).isEqualTo(committed.get());
            assertThat(committed.get()).as("statements that ended first").isPositive();
            assertThat(db.cancels.stream().filter(CancelResult.ABORTED::equals).count())
                    .as("aborts that came first")
                    .isPositive();
            assertThat(committed.get() + failed.get()).isEqualTo(WORKERS * ROUNDS);
            db.prepare("drop table aborted", "drop function stubborn");
        }
    }

    private void work(DataSourceGuard guard) {
        // A new connection each time: a pool takes its time to replace those that were aborted.
        try (Connection connection = guard.getConnection(() -> TestPostgres.connect(NAME));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            try {
                Context.current().runWithin(Duration.ofMillis(2), () -> statement.execute("select stubborn()"));
                connection.commit();
                committed.incrementAndGet();
            } catch (SQLException e) {
                failed.incrementAndGet();
                unknown.addAndGet("08007".equals(e.getSQLState()) ? 1 : 0);
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
