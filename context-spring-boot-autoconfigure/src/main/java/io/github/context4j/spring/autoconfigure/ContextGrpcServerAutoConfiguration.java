package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.spring.ContextObservers;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.grpc.ContextServerInterceptor;
import io.github.context4j.spring.grpc.ServerCallContexts;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptor;
import java.util.function.Predicate;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.lifecycle.GrpcServerShutdownEvent;

/** Auto-configuration for the contexts of calls to a gRPC server: one of Spring gRPC's, or one that is given the interceptor. */
@AutoConfiguration(after = {ContextAutoConfiguration.class, ContextWebServerAutoConfiguration.class})
@ConditionalOnClass(ServerInterceptor.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextGrpcServerAutoConfiguration {

    @Bean
    @Fallback // who injects one of their own by its type gets that
    @GlobalServerInterceptor
    @ConditionalOnMissingBean
    static ContextServerInterceptor context4jGrpcServerInterceptor(
            ContextProperties context4jProperties,
            ObjectProvider<ShutdownContexts> context4jShutdownContexts,
            ObjectProvider<Carrier> carriers,
            LiveContexts context4jLiveContexts,
            ContextObservers context4jObservers) {
        ContextProperties.Request request = context4jProperties.getRequest();
        return new ContextServerInterceptor(new ServerCallContexts(
                context4jProperties.getMode(),
                request.getTimeout(),
                request.getMinBudget(),
                endsWithClient(request.getCancelOnDisconnect()),
                ContextRoot.ofRequests(context4jProperties.getMode(), context4jShutdownContexts, carriers),
                context4jLiveContexts,
                context4jObservers));
    }

    private static Predicate<MethodDescriptor<?, ?>> endsWithClient(ContextProperties.CancelOnDisconnect setting) {
        return switch (setting) {
            case ALL -> method -> true;
            case SAFE_METHODS -> MethodDescriptor::isSafe;
            case OFF -> method -> false;
        };
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(GrpcServerShutdownEvent.class)
    @ConditionalOnBean(ShutdownContexts.class)
    static final class SpringGrpc {

        /** Spring gRPC's server is stopped ahead of everything else, and waits for its calls: shutdown has begun by then. */
        @Bean
        ApplicationListener<GrpcServerShutdownEvent> context4jGrpcServerShutdown(
                ShutdownContexts context4jShutdownContexts, ConfigurableApplicationContext application) {
            return event -> {
                if (application.isClosed()) {
                    context4jShutdownContexts.beginGrace();
                }
            };
        }
    }
}
