package io.github.context4j.spring.autoconfigure;

import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.support.ClassHintUtils;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;

/**
 * Makes the classes for {@link DataSourceProxies} when an application is prepared ahead of time: a native image can make none.
 * Only what a bean is declared as is known by then. HikariCP's needs none, whatever the bean is declared as.
 */
final class DataSourceProxyAotProcessor implements BeanRegistrationAotProcessor {

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        Class<?> type = bean.getBeanClass();
        if (!DataSource.class.isAssignableFrom(type)
                || type.isInterface()
                || DataSourceProxies.isByHand(type)
                || bean.getBeanFactory().getBeanNamesForType(DataSourceGuardPostProcessor.class, false, false).length
                        == 0) {
            return null;
        }
        return (generation, code) -> register(type, generation.getRuntimeHints());
    }

    static void register(Class<?> type, RuntimeHints hints) {
        ReflectionHints reflection = hints.reflection();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            reflection.registerType(c); // its methods are looked at, to see whether it can have subclasses
        }
        Class<?> proxy = DataSourceProxies.classOf(type, (MethodInterceptor) MethodInvocation::proceed);
        if (proxy != null) {
            ClassHintUtils.registerProxyIfNecessary(proxy, hints);
        }
    }
}
