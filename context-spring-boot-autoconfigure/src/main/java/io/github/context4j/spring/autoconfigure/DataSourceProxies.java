package io.github.context4j.spring.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.target.EmptyTargetSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Proxies of the class of a DataSource, since applications inject that class; where it has none, of its interfaces. That of
 * HikariCP's class is {@link GuardedHikariDataSource}, which need not be made at run time.
 */
final class DataSourceProxies {
    private static final Log logger = LogFactory.getLog(DataSourceProxies.class);

    private DataSourceProxies() {}

    /** Returns a proxy, or null if there cannot be one. */
    static @Nullable Object of(DataSource dataSource, DataSourceGuard guard) {
        return isByHand(dataSource.getClass())
                ? new GuardedHikariDataSource((HikariDataSource) dataSource, guard)
                : advised(dataSource, new GuardedConnections(guard));
    }

    /** Whether the proxies of what is exactly of {@code type} are not of a class that is made. */
    static boolean isByHand(Class<?> type) {
        if (!type.getName().equals("com.zaxxer.hikari.HikariDataSource")) {
            return false; // and HikariCP may not be on the class path
        }
        try {
            return GuardedHikariDataSource.standsFor(type);
        } catch (LinkageError e) {
            logger.debug("Not the HikariCP that GuardedHikariDataSource is written for", e);
            return false;
        }
    }

    private static @Nullable Object advised(DataSource dataSource, GuardedConnections advice) {
        ProxyFactory factory = new ProxyFactory(dataSource);
        factory.addAdvice(advice);
        if (isSubclassable(ClassUtils.getUserClass(dataSource))) {
            try {
                factory.setProxyTargetClass(true);
                return factory.getProxy();
            } catch (AopConfigException e) {
                logger.debug("No proxy of " + dataSource.getClass(), e);
            }
        }
        try {
            factory.setProxyTargetClass(false);
            return factory.getProxy();
        } catch (AopConfigException | IllegalArgumentException | LinkageError e) { // the last in a native image
            logger.debug("No proxy of the interfaces of " + dataSource.getClass(), e);
            return null;
        }
    }

    /** Returns the class that proxies of DataSources that are declared as {@code type} have, or null if there cannot be one. */
    static @Nullable Class<?> classOf(Class<?> type, MethodInterceptor advice) {
        if (!isSubclassable(type)) {
            return null;
        }
        ProxyFactory factory = new ProxyFactory(ClassUtils.getAllInterfacesForClass(type));
        factory.setTargetSource(EmptyTargetSource.forClass(type));
        factory.addAdvice(advice);
        factory.setProxyTargetClass(true);
        try {
            return factory.getProxyClass(type.getClassLoader());
        } catch (AopConfigException | IllegalArgumentException e) {
            logger.debug("No class for proxies of " + type, e);
            return null;
        }
    }

    /** A final method would run on the proxy, which has no state of its own. */
    private static boolean isSubclassable(Class<?> type) {
        return !Modifier.isFinal(type.getModifiers())
                && Arrays.stream(ReflectionUtils.getAllDeclaredMethods(type))
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .map(method -> method.getModifiers())
                        .noneMatch(m -> Modifier.isFinal(m) && !Modifier.isStatic(m) && !Modifier.isPrivate(m));
    }
}
