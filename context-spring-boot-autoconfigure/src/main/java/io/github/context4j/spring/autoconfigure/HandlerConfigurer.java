package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.web.AsyncContextInterceptor;
import io.github.context4j.spring.web.ContextHandlerInterceptor;
import io.github.context4j.spring.web.HandlerPolicies;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.AsyncSupportConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Has handlers run as their annotations say, and finds the mistakes in those at start-up. */
final class HandlerConfigurer implements WebMvcConfigurer, SmartInitializingSingleton {
    private final HandlerPolicies policies;
    private final ObjectProvider<RequestMappingHandlerMapping> mappings;

    HandlerConfigurer(HandlerPolicies policies, ObjectProvider<RequestMappingHandlerMapping> mappings) {
        this.policies = policies;
        this.mappings = mappings;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new ContextHandlerInterceptor(policies)).order(Ordered.HIGHEST_PRECEDENCE);
    }

    @Override
    public void configureAsyncSupport(AsyncSupportConfigurer configurer) {
        AsyncContextInterceptor async = new AsyncContextInterceptor();
        configurer.registerCallableInterceptors(async).registerDeferredResultInterceptors(async);
    }

    @Override
    public void afterSingletonsInstantiated() {
        mappings.stream()
                .flatMap(mapping -> mapping.getHandlerMethods().values().stream())
                .forEach(policies::check);
    }
}
