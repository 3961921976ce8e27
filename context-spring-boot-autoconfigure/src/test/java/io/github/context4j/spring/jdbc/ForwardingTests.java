package io.github.context4j.spring.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Without a context every method of every wrapper, default methods included, reaches the same method of what it wraps with
 * the same arguments, and returns what that returns or a wrapper of it.
 */
class ForwardingTests {
    private static final DataSourceGuard GUARD = new DataSourceGuard(
            new Dependency("db", null),
            new DependencyCalls(Mode.ENFORCE, new ContextObserver() {}),
            Duration.ofSeconds(1));

    private static final Set<String> ASKING =
            Set.of("addBatch", "cancel", "clearWarnings", "close", "getGeneratedKeys", "getMoreResults", "getWarnings");
    private static final Set<String> MOVING = Set.of(
            "next",
            "previous",
            "first",
            "last",
            "absolute",
            "relative",
            "beforeFirst",
            "afterLast",
            "insertRow",
            "updateRow",
            "deleteRow",
            "refreshRow",
            "close");

    private final List<Object> reached = new ArrayList<>();
    private boolean interrupted;

    @TestFactory
    Stream<DynamicTest> connection() {
        return tests(Connection.class, ForwardingTests::connection);
    }

    @TestFactory
    Stream<DynamicTest> statement() {
        return tests(Statement.class, raw -> new GuardedStatement(idle(), raw));
    }

    @TestFactory
    Stream<DynamicTest> preparedStatement() {
        return tests(PreparedStatement.class, raw -> new GuardedPreparedStatement(idle(), raw));
    }

    @TestFactory
    Stream<DynamicTest> callableStatement() {
        return tests(CallableStatement.class, raw -> new GuardedCallableStatement(idle(), raw));
    }

    @TestFactory
    Stream<DynamicTest> resultSet() {
        return tests(ResultSet.class, raw -> {
            try {
                return new GuardedResultSet(new GuardedStatement(idle(), stub(Statement.class)), raw, null, true);
            } catch (java.sql.SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static GuardedConnection connection(Connection raw) {
        return new GuardedConnection(new Session(GUARD, raw, Duration.ZERO));
    }

    private static GuardedConnection idle() {
        return connection(stub(Connection.class));
    }

    private interface Wrapping<T> {
        T wrap(T raw);
    }

    private <T> Stream<DynamicTest> tests(Class<T> api, Wrapping<T> wrapping) {
        return Arrays.stream(api.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .map(method -> DynamicTest.dynamicTest(method.toString(), () -> forwards(api, wrapping, method)));
    }

    private <T> void forwards(Class<T> api, Wrapping<T> wrapping, Method method) throws Exception {
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(ForwardingTests::sample)
                .toArray();
        Object result = method.getReturnType() == void.class ? null : sample(method.getReturnType());
        T raw = proxy(api, (self, called, given) -> {
            if (called.equals(method)) {
                interrupted = Thread.currentThread().isInterrupted();
                reached.add(called);
                reached.addAll(Arrays.asList(given == null ? new Object[0] : given));
                return result;
            }
            return zero(called.getReturnType());
        });
        reached.clear();
        T wrapped = wrapping.wrap(raw);

        Object returned = whileAnInterruptIsPending(() -> method.invoke(wrapped, arguments));

        assertThat(interrupted).as("interrupted in the driver").isEqualTo(!mayAskTheDatabase(method));

        List<Object> expected = new ArrayList<>(List.of(method));
        expected.addAll(Arrays.asList(arguments));
        assertThat(reached)
                .usingElementComparator((a, b) -> a == b || a.equals(b) ? 0 : 1)
                .startsWith(expected.toArray());
        if (returned instanceof Statement || returned instanceof ResultSet || returned instanceof Connection) {
            assertThat(returned.getClass().getSimpleName()).startsWith("Guarded");
        } else {
            assertThat(returned).isEqualTo(result);
        }
    }

    /** Under no context that is current, but inside of a call that one interrupts. */
    private static @Nullable Object whileAnInterruptIsPending(Context.Op<@Nullable Object, Exception> call)
            throws Exception {
        try (CancelableContext ended = Context.background().withCancel()) {
            return ended.<@Nullable Object, Exception>interruptibly(() -> {
                ended.cancel();
                return call.call();
            });
        }
    }

    /** What drivers answer by themselves goes to them as it is. */
    private static boolean mayAskTheDatabase(Method method) {
        Class<?> api = method.getDeclaringClass();
        String name = method.getName();
        if (api == Connection.class) {
            return !Set.of("createStatement", "isClosed").contains(name);
        }
        if (api == Statement.class) {
            return ASKING.contains(name) || name.startsWith("execute");
        }
        if (api == PreparedStatement.class) {
            return name.startsWith("execute")
                    || name.matches(
                            "addBatch|get.*MetaData|set.*Stream|set(Array|N?Clob|Blob|Object|Ref|RowId|SQLXML)");
        }
        return api == ResultSet.class && MOVING.contains(name);
    }

    private static <T> T stub(Class<T> api) {
        return proxy(api, (self, called, given) -> zero(called.getReturnType()));
    }

    private static <T> T proxy(Class<T> api, InvocationHandler handler) {
        return api.cast(Proxy.newProxyInstance(
                api.getClassLoader() == null ? ForwardingTests.class.getClassLoader() : api.getClassLoader(),
                new Class<?>[] {api},
                (self, m, a) -> {
                    if (m.getDeclaringClass() == Object.class) {
                        return switch (m.getName()) {
                            case "equals" -> self == a[0];
                            case "hashCode" -> System.identityHashCode(self);
                            default -> "stub";
                        };
                    }
                    return handler.invoke(self, m, a);
                }));
    }

    private static @Nullable Object zero(Class<?> type) {
        return type.isPrimitive() && type != void.class ? Array.get(Array.newInstance(type, 1), 0) : null;
    }

    /** A value that is not the default one. */
    private static Object sample(Class<?> type) {
        if (type == boolean.class) {
            return true;
        }
        if (type == byte.class) {
            return (byte) 3;
        }
        if (type == short.class) {
            return (short) 3;
        }
        if (type == int.class) {
            return 3;
        }
        if (type == long.class) {
            return 3L;
        }
        if (type == float.class) {
            return 3f;
        }
        if (type == double.class) {
            return 3d;
        }
        if (type == String.class) {
            return "three";
        }
        if (type == Class.class) {
            return Number.class;
        }
        if (type.isArray()) {
            return Array.newInstance(type.getComponentType(), 3);
        }
        return type.isInterface() ? proxy(type, (self, m, a) -> zero(m.getReturnType())) : instance(type);
    }

    private static Object instance(Class<?> type) {
        try {
            return switch (type.getSimpleName()) {
                case "Object" -> new Object();
                case "Integer" -> 3;
                case "BigDecimal" -> java.math.BigDecimal.TEN;
                case "Date", "Time", "Timestamp" ->
                    type.getConstructor(long.class).newInstance(3L);
                case "Calendar" -> java.util.Calendar.getInstance();
                case "URL" -> java.net.URI.create("file:/three").toURL();
                case "InputStream" -> java.io.InputStream.nullInputStream();
                case "Reader" -> java.io.Reader.nullReader();
                default -> type.getConstructor().newInstance();
            };
        } catch (ReflectiveOperationException | java.net.MalformedURLException e) {
            throw new AssertionError(type.toString(), e);
        }
    }
}
