package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Mode;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/** Has the phases of the shutdown in which servers and executors wait for their work last as long as {@link ShutdownTimes} say. */
final class ShutdownPhasePostProcessor implements BeanPostProcessor {
    private final ObjectProvider<ContextProperties> properties;
    private final Environment environment;

    ShutdownPhasePostProcessor(ObjectProvider<ContextProperties> properties, Environment environment) {
        this.properties = properties;
        this.environment = environment;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof DefaultLifecycleProcessor processor
                && properties.getObject().getMode() == Mode.ENFORCE) {
            Duration gracePeriod = properties.getObject().getShutdown().getGracePeriod();
            long millis = ShutdownTimes.of(gracePeriod, environment).phase().toMillis();
            processor.setTimeoutForShutdownPhase(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE, millis);
            processor.setTimeoutForShutdownPhase(ExecutorConfigurationSupport.DEFAULT_PHASE, millis);
        }
        return bean;
    }
}
