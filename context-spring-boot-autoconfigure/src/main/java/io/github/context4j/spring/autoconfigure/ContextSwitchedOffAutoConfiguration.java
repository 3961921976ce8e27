package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.client.ContextRestClients;
import io.github.context4j.spring.grpc.ContextClientInterceptor;
import io.github.context4j.spring.grpc.ContextServerInterceptor;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.web.client.RestClient;

/** Auto-configuration for what applications inject, so that they start and work with {@code context.enabled=false} too. */
@AutoConfiguration
@ConditionalOnProperty(name = "context.enabled", havingValue = "false")
public final class ContextSwitchedOffAutoConfiguration {

    @Bean
    @Lazy(false) // nobody asks for it
    static PreparedSwitch context4jPreparedSwitch(Environment environment) {
        return new PreparedSwitch(false, environment);
    }

    @Bean
    static Dependencies context4jDependencies() {
        return Dependencies.switchedOff();
    }

    @Bean
    static PropagatedValues context4jPropagatedValues() {
        return PropagatedValues.switchedOff();
    }

    /** Factories stay as they are. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({RestClient.class, ClientHttpRequestFactoryBuilder.class})
    static class RestClients {
        @Bean
        static ContextRestClients context4jRestClients() {
            return ContextRestClients.switchedOff();
        }
    }

    /** Workers that watch {@code serving()} have to stop all the same; nothing of ours descends from it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(WebServerApplicationContext.class)
    static class Shutdown {
        @Bean
        static ShutdownContexts context4jShutdownContexts() {
            return new ShutdownContexts(
                    Context.background(),
                    Duration.ofSeconds(30),
                    WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1,
                    null,
                    false);
        }

        @Bean
        static ContextLifecycle context4jLifecycle(
                ObjectProvider<ShutdownContexts> context4jShutdownContexts,
                ConfigurableApplicationContext application) {
            return new ContextLifecycle(
                    context4jShutdownContexts,
                    application,
                    new LiveContexts(),
                    new DependencyCalls(Mode.OBSERVE, new ContextObserver() {}));
        }
    }

    /** For servers and channels that are given them. Spring gRPC does not find them: they are not global. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ServerInterceptor.class)
    static class Grpc {
        @Bean
        @Fallback
        static ContextServerInterceptor context4jGrpcServerInterceptor() {
            return ContextServerInterceptor.switchedOff();
        }

        @Bean
        @Fallback
        static ContextClientInterceptor context4jGrpcClientInterceptor() {
            return ContextClientInterceptor.switchedOff();
        }
    }
}
