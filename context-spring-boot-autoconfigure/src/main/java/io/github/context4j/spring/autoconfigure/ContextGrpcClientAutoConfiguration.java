package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.grpc.ContextClientInterceptor;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;

/** Auto-configuration for gRPC clients, of Spring gRPC's channels, or of those that are given the interceptor. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(ClientInterceptor.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextGrpcClientAutoConfiguration {

    @Bean
    @Fallback // who injects one of their own by its type gets that
    @GlobalClientInterceptor
    @ConditionalOnMissingBean
    static ContextClientInterceptor context4jGrpcClientInterceptor(
            Dependencies context4jDependencies, DependencyCalls context4jDependencyCalls) {
        return new ContextClientInterceptor(context4jDependencies, context4jDependencyCalls);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(GrpcChannelBuilderCustomizer.class)
    static final class SpringGrpc {

        /** A channel belongs to the entry that is called as it is. */
        @Bean
        @Fallback
        <T extends ManagedChannelBuilder<T>> GrpcChannelBuilderCustomizer<T> context4jGrpcChannelDependencies(
                Dependencies context4jDependencies) {
            return (channel, builder) -> {
                if (context4jDependencies.all().stream().map(Dependency::name).anyMatch(channel::equals)) {
                    builder.intercept(ContextClientInterceptor.callsTo(context4jDependencies.named(channel)));
                }
            };
        }
    }
}
