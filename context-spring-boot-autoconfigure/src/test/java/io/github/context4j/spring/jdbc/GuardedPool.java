package io.github.context4j.spring.jdbc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** A pool behind a guard, and what observers are told of it. */
final class GuardedPool extends DelegatingDataSource implements ContextObserver, AutoCloseable {
    static final Duration ABORT_AFTER = Duration.ofSeconds(10);

    private static final AtomicInteger count = new AtomicInteger();

    final String name = "db" + count.incrementAndGet();
    final HikariDataSource pool;
    final DependencyCalls calls;
    final List<CancelResult> cancels = new CopyOnWriteArrayList<>();
    final List<String> ended = new CopyOnWriteArrayList<>();
    private final DataSourceGuard guard;

    GuardedPool(HikariConfig config, @Nullable Duration timeout, Duration abortAfter) {
        this(config, timeout, abortAfter, Mode.ENFORCE);
    }

    GuardedPool(HikariConfig config, @Nullable Duration timeout, Duration abortAfter, Mode mode) {
        super(new HikariDataSource(config));
        DataSource target = getTargetDataSource();
        this.pool = (HikariDataSource) requireNonNull(target);
        this.calls = new DependencyCalls(mode, this);
        this.guard = new DataSourceGuard(new Dependency(name, timeout), calls, abortAfter);
    }

    static GuardedPool postgres(Class<?> test, int size) {
        return new GuardedPool(TestPostgres.poolConfig(test.getSimpleName(), size), null, ABORT_AFTER);
    }

    @Override
    public Connection getConnection() throws SQLException {
        return guard.getConnection(pool::getConnection);
    }

    /** A guard for other connections than those of the pool, with the same observer. */
    DataSourceGuard guardWith(Duration abortAfter) {
        return new DataSourceGuard(new Dependency("db", null), calls, abortAfter);
    }

    /** Runs {@code sql} outside any guard. */
    void prepare(String... sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        }
    }

    /** The first column of the first row, outside any guard. */
    int number(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Override
    public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
        ended.add(call.operation() + " " + outcome.tag());
    }

    @Override
    public void queryCanceled(Dependency dependency, CancelResult result) {
        cancels.add(result);
    }

    /**
     * Fails if one of {@code backends} is gone, unless a cancel took so long that nobody knows whether it will still arrive. That
     * costs the connection, and happens on a machine that stood still.
     */
    void assertKept(List<Integer> backends, String applicationName) throws SQLException {
        List<Integer> replaced = new ArrayList<>(backends);
        replaced.removeAll(TestPostgres.backends(applicationName));
        await().untilAsserted(() -> assertThat(replaced)
                .as("connections that were replaced, with cancels %s", Set.copyOf(cancels))
                .hasSizeLessThanOrEqualTo(count(CancelResult.UNKNOWN)));
    }

    /** Fails if no cancel was sent, or one was no good, but for those of unknown outcome. */
    void assertSent() {
        await().untilAsserted(() -> {
            assertThat(cancels).containsAnyOf(CancelResult.SENT, CancelResult.UNKNOWN);
            assertThat(count(CancelResult.ABORTED)).as("aborts").isLessThanOrEqualTo(count(CancelResult.UNKNOWN));
        });
    }

    /** Fails if there was no cancel of unknown outcome: only that excuses a connection that was aborted. */
    void assertUnknown() {
        await().untilAsserted(() -> assertThat(cancels).contains(CancelResult.UNKNOWN));
    }

    private int count(CancelResult result) {
        return (int) cancels.stream().filter(result::equals).count();
    }

    @Override
    public void close() {
        pool.close();
    }
}
