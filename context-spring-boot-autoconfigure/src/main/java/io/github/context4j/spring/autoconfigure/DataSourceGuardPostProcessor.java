package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.core.Ordered;

/**
 * Guards every DataSource bean: one that is an AOP proxy already by one more advice, any other by a proxy of its own
 * class ({@link DataSourceProxies}), or of its interfaces where it is not declared as that class. The proxy stands for the
 * bean only; what is below it, connections and statements, is wrapped by hand, for speed.
 */
final class DataSourceGuardPostProcessor implements SmartInstantiationAwareBeanPostProcessor, Ordered {
    private static final Log logger = LogFactory.getLog(DataSourceGuardPostProcessor.class);

    private final ObjectProvider<ContextProperties> properties;
    private final ObjectProvider<DependencyCalls> calls;
    private final ObjectProvider<DataSourceDependencies> dependencies;
    private final ConfigurableListableBeanFactory beanFactory;

    /** The names of DataSources that are in a circular reference, and were asked for before they were ready. */
    private final Set<String> guardedEarly = ConcurrentHashMap.newKeySet();

    DataSourceGuardPostProcessor(
            ObjectProvider<ContextProperties> properties,
            ObjectProvider<DependencyCalls> calls,
            ObjectProvider<DataSourceDependencies> dependencies,
            ConfigurableListableBeanFactory beanFactory) {
        this.properties = properties;
        this.calls = calls;
        this.dependencies = dependencies;
        this.beanFactory = beanFactory;
    }

    /** Ahead of Boot's post-processor for lazy connections, which is at 0: it has to find the guarded DataSource. */
    @Override
    public int getOrder() {
        return -1;
    }

    /** The bean is new: what is remembered by its name is from an attempt to make it that failed. */
    @Override
    public boolean postProcessAfterInstantiation(Object bean, String beanName) {
        if (!guardedEarly.isEmpty()) {
            guardedEarly.remove(beanName);
        }
        return true;
    }

    @Override
    public Object getEarlyBeanReference(Object bean, String beanName) {
        if (!(bean instanceof DataSource dataSource)) {
            return bean;
        }
        guardedEarly.add(beanName);
        return guard(dataSource, beanName);
    }

    /** Spring puts what was given out early in the place of a bean that is returned as it is. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        return bean instanceof DataSource dataSource && !guardedEarly.remove(beanName)
                ? guard(dataSource, beanName)
                : bean;
    }

    private Object guard(DataSource dataSource, String beanName) {
        DataSourceDependencies all = dependencies.getObject();
        if (GuardedConnections.comeFrom(dataSource)) {
            if (all.isSelected(beanName) && !(dataSource instanceof ScopedObject)) {
                logger.warn("DataSource '" + beanName + "' has an entry in context.dependencies, but only passes on the"
                        + " connections of other DataSource beans: theirs apply");
            }
            return dataSource;
        }
        DataSourceGuard guard = new DataSourceGuard(
                all.of(beanName),
                calls.getObject(),
                properties.getObject().getJdbc().getAbortAfter());
        return proxy(dataSource, beanName, guard);
    }

    private Object proxy(DataSource dataSource, String beanName, DataSourceGuard guard) {
        if (dataSource instanceof Advised proxy && !proxy.isFrozen()) {
            proxy.addAdvice(0, new GuardedConnections(guard)); // guards what the other advice returns, too
            return dataSource;
        }
        Object proxy = DataSourceProxies.of(dataSource, guard);
        if (proxy == null || !isReplaceable(dataSource, beanName, proxy)) {
            logger.info("DataSource '" + beanName + "' cannot be proxied ("
                    + dataSource.getClass().getName() + "): its queries do not obey contexts"
                    + (proxy == null ? "" : ", as the bean has to keep its class: declare it as DataSource"));
            return dataSource;
        }
        return proxy;
    }

    /** A proxy that is not of the class of the DataSource would stop a start where the bean is injected by that class. */
    private boolean isReplaceable(DataSource dataSource, String beanName, Object proxy) {
        if (dataSource.getClass().isInstance(proxy) || !beanFactory.containsBeanDefinition(beanName)) {
            return true;
        }
        Class<?> declared = beanFactory
                .getMergedBeanDefinition(beanName)
                .getResolvableType()
                .toClass();
        if (FactoryBean.class.isAssignableFrom(declared)) {
            declared = beanFactory.getType(beanName); // of what it makes
        }
        return declared == null || declared.isInstance(proxy);
    }
}
