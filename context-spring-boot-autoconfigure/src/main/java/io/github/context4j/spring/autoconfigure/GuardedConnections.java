package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.Advised;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;

/** Guards the connections that a DataSource gives out. */
final class GuardedConnections implements MethodInterceptor {
    private static final boolean SPRING_JDBC_PRESENT = ClassUtils.isPresent(
            "org.springframework.jdbc.datasource.DelegatingDataSource", GuardedConnections.class.getClassLoader());

    private final DataSourceGuard guard;

    GuardedConnections(DataSourceGuard guard) {
        this.guard = guard;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        return invocation.getMethod().getName().equals("getConnection")
                        && Connection.class.isAssignableFrom(
                                invocation.getMethod().getReturnType())
                ? guard.getConnection(() -> proceed(invocation))
                : invocation.proceed();
    }

    private static Connection proceed(MethodInvocation invocation) throws SQLException {
        try {
            return (Connection) requireNonNull(invocation.proceed(), "connection");
        } catch (SQLException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new SQLException(t); // getConnection declares no other
        }
    }

    /** Whether the connections of {@code dataSource} are guarded, by itself or because it only passes on such. */
    static boolean comeFrom(DataSource dataSource) {
        if (dataSource instanceof Advised proxy
                && List.of(proxy.getAdvisors()).stream().anyMatch(a -> a.getAdvice() instanceof GuardedConnections)) {
            return true;
        }
        List<DataSource> targets = SPRING_JDBC_PRESENT ? Targets.of(dataSource) : List.of();
        return !targets.isEmpty() && targets.stream().allMatch(GuardedConnections::comeFrom);
    }

    /** Names the classes of spring-jdbc. */
    private static final class Targets {
        static List<DataSource> of(DataSource dataSource) {
            if (dataSource instanceof DelegatingDataSource delegating) {
                DataSource target = delegating.getTargetDataSource();
                return target == null ? List.of() : List.of(target);
            }
            if (dataSource instanceof AbstractRoutingDataSource routing) {
                List<DataSource> targets =
                        new ArrayList<>(routing.getResolvedDataSources().values());
                DataSource fallback = routing.getResolvedDefaultDataSource();
                if (fallback != null) {
                    targets.add(fallback);
                }
                return targets;
            }
            return List.of();
        }
    }
}
