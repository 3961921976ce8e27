package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Auto-configuration for the contexts that end when the web server stops, and for saying whether it tells of disconnects. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(WebServerApplicationContext.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextWebServerAutoConfiguration {

    @Bean
    static ShutdownContexts context4jShutdownContexts(
            ContextProperties context4jProperties,
            ObjectProvider<Carrier> carriers,
            Environment environment,
            LiveContexts context4jLiveContexts) {
        ShutdownTimes times = ShutdownTimes.of(context4jProperties.getShutdown().getGracePeriod(), environment);
        return new ShutdownContexts(
                ContextRoot.of(carriers),
                times.gracePeriod(),
                WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1,
                context4jProperties.getMode() == Mode.ENFORCE ? context4jLiveContexts : null,
                times.immediate());
    }

    @Bean
    static ContextLifecycle context4jLifecycle(
            ObjectProvider<ShutdownContexts> context4jShutdownContexts,
            ConfigurableApplicationContext application,
            LiveContexts context4jLiveContexts,
            DependencyCalls context4jDependencyCalls) {
        return new ContextLifecycle(
                context4jShutdownContexts, application, context4jLiveContexts, context4jDependencyCalls);
    }

    @Bean
    static ShutdownPhasePostProcessor context4jShutdownPhasePostProcessor(
            ObjectProvider<ContextProperties> context4jProperties,
            Environment environment,
            ConfigurableListableBeanFactory beans) {
        return new ShutdownPhasePostProcessor(context4jProperties, environment, beans);
    }

    @Bean
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    static DisconnectReport context4jDisconnectReport(
            ApplicationContext application, ObjectProvider<DisconnectSupport> supports) {
        return new DisconnectReport(application, supports);
    }
}
