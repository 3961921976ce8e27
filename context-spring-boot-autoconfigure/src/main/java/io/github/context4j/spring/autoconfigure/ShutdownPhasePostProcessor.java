package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Mode;
import java.lang.reflect.Method;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Has the phases of the shutdown in which servers and executors wait for their work last as long as {@link ShutdownTimes} say.
 * A life cycle of the application's own, whose phases may have time-outs that cannot be asked for, is left alone.
 */
final class ShutdownPhasePostProcessor implements BeanPostProcessor {
    private static final Log logger = LogFactory.getLog(ShutdownPhasePostProcessor.class);

    private final ObjectProvider<ContextProperties> properties;
    private final Environment environment;
    private final ConfigurableListableBeanFactory beans;

    ShutdownPhasePostProcessor(
            ObjectProvider<ContextProperties> properties,
            Environment environment,
            ConfigurableListableBeanFactory beans) {
        this.properties = properties;
        this.environment = environment;
        this.beans = beans;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof DefaultLifecycleProcessor processor
                && properties.getObject().getMode() == Mode.ENFORCE) {
            Duration gracePeriod = properties.getObject().getShutdown().getGracePeriod();
            Duration phase = ShutdownTimes.of(gracePeriod, environment).phase();
            if (isSpringBoots(beanName)) {
                processor.setTimeoutForShutdownPhase(
                        WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE, phase.toMillis());
                processor.setTimeoutForShutdownPhase(ExecutorConfigurationSupport.DEFAULT_PHASE, phase.toMillis());
            } else {
                logger.info("The time-outs of '" + beanName + "', the application's own, are left as they are. For the"
                        + " grace period the phases in which the server and executors wait need " + phase.toMillis()
                        + " ms.");
            }
        }
        return bean;
    }

    private boolean isSpringBoots(String beanName) {
        if (!beans.containsBeanDefinition(beanName)
                || !(beans.getMergedBeanDefinition(beanName) instanceof RootBeanDefinition definition)) {
            return false;
        }
        Method made = definition.getResolvedFactoryMethod();
        return made != null && made.getDeclaringClass() == LifecycleAutoConfiguration.class;
    }
}
