package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import javax.sql.DataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Guards every DataSource bean: one that is an AOP proxy already by one more advice, any other by a proxy of its own
 * class, since applications inject that class. The proxy stands for the bean only; what is below it, connections and
 * statements, is wrapped by hand, for speed.
 */
final class DataSourceGuardPostProcessor implements BeanPostProcessor, Ordered {
    private static final Log logger = LogFactory.getLog(DataSourceGuardPostProcessor.class);

    private final ObjectProvider<ContextProperties> properties;
    private final ObjectProvider<DependencyCalls> calls;
    private final ObjectProvider<DataSourceDependencies> dependencies;

    DataSourceGuardPostProcessor(
            ObjectProvider<ContextProperties> properties,
            ObjectProvider<DependencyCalls> calls,
            ObjectProvider<DataSourceDependencies> dependencies) {
        this.properties = properties;
        this.calls = calls;
        this.dependencies = dependencies;
    }

    /** Ahead of Boot's post-processor for lazy connections, which is at 0: it has to find the guarded DataSource. */
    @Override
    public int getOrder() {
        return -1;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!(bean instanceof DataSource dataSource)) {
            return bean;
        }
        DataSourceDependencies all = dependencies.getObject();
        if (GuardedConnections.comeFrom(dataSource)) {
            if (all.isSelected(beanName) && !(bean instanceof ScopedObject)) {
                logger.warn("DataSource '" + beanName + "' has an entry in context.dependencies, but only passes on the"
                        + " connections of other DataSource beans: theirs apply");
            }
            return bean;
        }
        DataSourceGuard guard = new DataSourceGuard(
                all.of(beanName),
                calls.getObject(),
                properties.getObject().jdbc().abortAfter());
        return proxy(dataSource, beanName, new GuardedConnections(guard));
    }

    private static Object proxy(DataSource dataSource, String beanName, GuardedConnections advice) {
        if (dataSource instanceof Advised proxy && !proxy.isFrozen()) {
            proxy.addAdvice(0, advice); // guards what the other advice returns, too
            return dataSource;
        }
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
        } catch (AopConfigException | IllegalArgumentException e) {
            logger.info("DataSource '" + beanName + "' cannot be proxied ("
                    + dataSource.getClass().getName() + "): its queries do not obey contexts");
            return dataSource;
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
