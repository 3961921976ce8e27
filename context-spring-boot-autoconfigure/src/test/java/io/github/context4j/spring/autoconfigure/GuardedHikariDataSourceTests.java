package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;

class GuardedHikariDataSourceTests {
    private final List<Object> reached = new ArrayList<>();

    private static DataSourceGuard guard() {
        return OtherHikariTests.guard();
    }

    private static HikariDataSource pool(String name) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:h2:mem:" + name);
        pool.setPoolName(name);
        return pool;
    }

    /** With the methods that only {@code DataSource} declares. */
    private static Stream<Method> methodsOfHikari() {
        return Arrays.stream(HikariDataSource.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getDeclaringClass() != Object.class);
    }

    @TestFactory
    Stream<DynamicTest> everyMethodReachesThePool() {
        return methodsOfHikari()
                .map(method -> DynamicTest.dynamicTest(method.toString(), () -> reachesThePool(method)));
    }

    private void reachesThePool(Method method) throws Exception {
        Object result = method.getReturnType() == void.class ? null : sample(method.getReturnType(), 0);
        ProxyFactory factory = new ProxyFactory(new HikariDataSource());
        factory.setProxyTargetClass(true);
        factory.addAdvice((MethodInterceptor) invocation -> {
            reached.add(signature(invocation.getMethod()));
            reached.addAll(Arrays.asList(invocation.getArguments()));
            return result;
        });
        HikariDataSource guarded = new GuardedHikariDataSource((HikariDataSource) factory.getProxy(), guard());
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        Arrays.setAll(arguments, i -> sample(types[i], i + 1));
        reached.clear();

        Object returned = method.invoke(guarded, arguments);

        List<Object> expected = new ArrayList<>(List.of(signature(method)));
        expected.addAll(Arrays.asList(arguments));
        assertThat(reached).isEqualTo(expected);
        if (method.getName().equals("getConnection")) {
            assertThat(returned).hasToString("GuardedConnection[" + result + "]");
        } else {
            assertThat(returned).isEqualTo(result);
        }
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    /** A value that is not the default one, and is another for each {@code index}. */
    private static Object sample(Class<?> type, int index) {
        if (type == boolean.class) {
            return true;
        }
        if (type == int.class) {
            return 300 + index;
        }
        if (type == long.class) {
            return 300L + index;
        }
        if (type.isInterface()) {
            return Proxy.newProxyInstance(
                    GuardedHikariDataSourceTests.class.getClassLoader(),
                    new Class<?>[] {type},
                    (self, method, given) -> switch (method.getName()) {
                        case "equals" -> self == given[0];
                        case "hashCode" -> index;
                        case "toString" -> type.getSimpleName() + index;
                        default -> zero(method.getReturnType());
                    });
        }
        return switch (type.getSimpleName()) {
            case "String" -> "sample" + index;
            case "Class" -> Number.class;
            case "Object" -> new Object();
            case "Properties" -> new Properties();
            case "HikariConfig" -> new HikariConfig();
            case "Credentials" -> Credentials.of("user", "password");
            case "PrintWriter" -> new PrintWriter(Writer.nullWriter());
            case "Logger" -> Logger.getAnonymousLogger();
            default -> throw new AssertionError(type);
        };
    }

    private static @Nullable Object zero(Class<?> type) {
        return type.isPrimitive() && type != void.class ? Array.get(Array.newInstance(type, 1), 0) : null;
    }

    @Test
    void itIsWrittenForTheHikariOnTheClassPath() {
        assertThat(methodsOfHikari()).hasSizeGreaterThan(90);
        assertThat(GuardedHikariDataSource.standsFor(HikariDataSource.class)).isTrue();
    }

    static class OwnPool extends HikariDataSource {}

    @Test
    void aClassOfTheApplicationsIsSubclassed() {
        assertThat(DataSourceProxies.of(new OwnPool(), guard()))
                .isInstanceOf(OwnPool.class)
                .satisfies(proxy -> assertThat(AopUtils.isCglibProxy(proxy)).isTrue());
    }

    @Test
    void itIsItselfAndNoOther() {
        try (HikariDataSource pool = pool("itself")) {
            HikariDataSource guarded = new GuardedHikariDataSource(pool, guard());
            assertThat(Set.of(guarded)).contains(guarded).doesNotContain(pool);
            assertThat(guarded).isNotEqualTo(pool);
            assertThat(pool).isNotEqualTo(guarded);
            assertThat(guarded.getHikariConfigMXBean()).isSameAs(guarded);
            assertThat(AopUtils.getTargetClass(guarded)).isEqualTo(HikariDataSource.class);
            assertThat(AopProxyUtils.ultimateTargetClass(guarded)).isEqualTo(HikariDataSource.class);
        }
    }

    @Test
    void onlyThePoolStartsThreadsAndRegistersBeans() throws Exception {
        Set<String> threads = threads();
        try (HikariDataSource pool = pool("only")) {
            pool.setRegisterMbeans(true);
            HikariDataSource guarded = new GuardedHikariDataSource(pool, guard());
            assertThat(guarded.isRunning()).isFalse();
            assertThat(started(threads)).isEmpty();
            assertThat(beans()).isEmpty();
            guarded.getConnection().close();
            assertThat(started(threads)).containsExactly("only:housekeeper");
            assertThat(beans())
                    .containsExactly("com.zaxxer.hikari:type=Pool (only)", "com.zaxxer.hikari:type=PoolConfig (only)");
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            ObjectName config = new ObjectName("com.zaxxer.hikari:type=PoolConfig (only)");
            guarded.setMaximumPoolSize(7);
            assertThat(server.getAttribute(config, "MaximumPoolSize")).isEqualTo(7);
        }
        assertThat(beans()).isEmpty();
    }

    /** Those that each pool has one of from its start on. */
    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith(":housekeeper"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> started(Set<String> before) {
        return threads().stream().filter(name -> !before.contains(name)).toList();
    }

    private static List<String> beans() throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("com.zaxxer.hikari:*"), null)
                .stream()
                .map(ObjectName::toString)
                .sorted()
                .toList();
    }

    @Test
    void theFileOfThePoolsConfigurationIsNotAppliedAgain(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("hikari.properties"), "maximumPoolSize=7\npoolName=file\n");
        System.setProperty("hikaricp.configurationFile", file.toString());
        try (HikariDataSource pool = pool("set")) {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(7);
            pool.setMaximumPoolSize(3);
            HikariDataSource guarded = new GuardedHikariDataSource(pool, guard());
            assertThat(guarded.getMaximumPoolSize()).isEqualTo(3);
            assertThat(pool.getPoolName()).isEqualTo("set");
            guarded.getConnection().close();
            assertThat(new GuardedHikariDataSource(pool, guard()).getMaximumPoolSize())
                    .as("of a pool that has started")
                    .isEqualTo(3);
        } finally {
            System.clearProperty("hikaricp.configurationFile");
        }
    }

    @Test
    void aPoolCanBeMadeOfItsConfiguration() throws Exception {
        try (HikariDataSource pool = pool("copied")) {
            pool.setMaximumPoolSize(3);
            HikariDataSource guarded = new GuardedHikariDataSource(pool, guard());
            guarded.getConnection().close();
            try (HikariDataSource copy = new HikariDataSource(guarded);
                    Connection connection = copy.getConnection()) {
                assertThat(connection.getMetaData().getURL()).isEqualTo("jdbc:h2:mem:copied");
                assertThat(copy.getMaximumPoolSize()).isEqualTo(3);
                assertThat(copy.getHikariPoolMXBean()).isNotSameAs(guarded.getHikariPoolMXBean());
            }
            HikariConfig config = new HikariConfig();
            guarded.copyStateTo(config);
            assertThat(config.getPoolName()).isEqualTo("copied");
        }
    }
}
