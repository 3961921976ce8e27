package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

@Timeout(60)
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadTests {
    private static final String NAME = VirtualThreadTests.class.getSimpleName();

    /** Some get a connection and have their query canceled, the others have their wait for one ended. */
    @Test
    void queriesAndWaitsForConnectionsEndWithTheirContext() throws Exception {
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try (GuardedPool db = GuardedPool.postgres(VirtualThreadTests.class, 4)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(threads.submit(() -> {
                    assertThatThrownBy(() -> Context.background().runWithin(Duration.ofMillis(300), () -> sleep(db)))
                            .isInstanceOf(SQLTimeoutException.class);
                    return Thread.currentThread().isInterrupted();
                }));
            }
            for (Future<Boolean> each : all) {
                assertThat(each.get()).as("interrupted").isFalse();
            }
            assertThat(TestPostgres.activeQueries(NAME)).isZero();
            assertThat(db.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            assertThat(db.number("select 1")).isEqualTo(1);
        } finally {
            threads.shutdown();
        }
    }

    private static void sleep(GuardedPool db) throws java.sql.SQLException {
        try (Connection connection = db.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_sleep(30)");
        }
    }
}
