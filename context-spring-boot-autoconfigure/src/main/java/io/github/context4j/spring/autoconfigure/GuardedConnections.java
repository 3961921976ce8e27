package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

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
        if (invocation.getMethod().getName().equals("getConnection")
                && Connection.class.isAssignableFrom(invocation.getMethod().getReturnType())) {
            return guard.getConnection(() -> proceed(invocation));
        }
        Object[] arguments = invocation.getArguments();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof Connection connection) {
                arguments[i] = DataSourceGuard.unguarded(connection); // pools know their own, as to evict them
            }
        }
        return invocation.proceed();
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

    /**
     * Whether the connections of {@code dataSource} are guarded, by itself or because it only passes on such. False where
     * that cannot be known: a second guard leaves guarded connections as they are.
     */
    static boolean comeFrom(DataSource dataSource) {
        if (dataSource instanceof ScopedObject || isGuarded(dataSource)) {
            return true; // what stands behind the proxy of a scope is a bean of its own
        }
        List<DataSource> targets = SPRING_JDBC_PRESENT ? Targets.of(dataSource) : List.of();
        return !targets.isEmpty() && targets.stream().allMatch(GuardedConnections::comeFrom);
    }

    /** What a guarded bean stands for; null if {@code dataSource} is not a guarded bean. */
    static @Nullable DataSource behind(DataSource dataSource) {
        DataSource current = dataSource;
        boolean guarded = false;
        while (target(current) instanceof DataSource target) {
            guarded |= isGuarded(current);
            current = target;
        }
        return guarded ? current : null;
    }

    /** An AOP proxy is asked first: that of a scope has a target for each, and may be of the class of one. */
    private static @Nullable Object target(DataSource dataSource) {
        return dataSource instanceof GuardedDataSource guarded && !(dataSource instanceof Advised)
                ? guarded.target()
                : AopProxyUtils.getSingletonTarget(dataSource);
    }

    private static boolean isGuarded(DataSource dataSource) {
        return dataSource instanceof GuardedDataSource
                || (dataSource instanceof Advised proxy
                        && Arrays.stream(proxy.getAdvisors())
                                .anyMatch(a -> a.getAdvice() instanceof GuardedConnections));
    }

    /** Names the classes of spring-jdbc. */
    private static final class Targets {
        static List<DataSource> of(DataSource dataSource) {
            if (dataSource instanceof DelegatingDataSource delegating) {
                DataSource target = delegating.getTargetDataSource();
                return target == null ? List.of() : List.of(target);
            }
            return dataSource instanceof AbstractRoutingDataSource routing && choosesFromItsMap(routing)
                    ? resolved(routing)
                    : List.of();
        }

        private static boolean choosesFromItsMap(AbstractRoutingDataSource routing) {
            Method choice = ReflectionUtils.findMethod(ClassUtils.getUserClass(routing), "determineTargetDataSource");
            return choice != null && choice.getDeclaringClass() == AbstractRoutingDataSource.class;
        }

        private static List<DataSource> resolved(AbstractRoutingDataSource routing) {
            List<DataSource> targets = new ArrayList<>();
            try {
                targets.addAll(routing.getResolvedDataSources().values());
            } catch (IllegalStateException e) {
                return List.of(); // it is not initialized yet
            }
            DataSource fallback = routing.getResolvedDefaultDataSource();
            if (fallback != null) {
                targets.add(fallback);
            }
            return targets;
        }
    }
}
