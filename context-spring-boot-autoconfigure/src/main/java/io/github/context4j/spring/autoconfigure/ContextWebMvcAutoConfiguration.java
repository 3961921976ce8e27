package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import io.github.context4j.spring.ContextObservers;
import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.web.AfterHandlerAdvice;
import io.github.context4j.spring.web.ContextFilter;
import io.github.context4j.spring.web.HandlerPolicies;
import io.github.context4j.spring.web.InboundDeadlines;
import io.github.context4j.spring.web.RequestContexts;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.EmbeddedValueResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Auto-configuration for the contexts of servlet requests. */
@AutoConfiguration(after = {ContextAutoConfiguration.class, ContextWebServerAutoConfiguration.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({DispatcherServlet.class, FilterRegistrationBean.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextWebMvcAutoConfiguration {

    @Bean
    RequestContexts context4jRequestContexts(
            ContextProperties properties,
            ObjectProvider<ShutdownContexts> shutdown,
            ObjectProvider<Carrier> carriers,
            LiveContexts live,
            PropagatedValues values,
            ContextObservers observers) {
        ShutdownContexts contexts = shutdown.getIfAvailable();
        Context endless = ContextRoot.of(carriers);
        Supplier<Context> root =
                contexts == null || properties.getMode() == Mode.OBSERVE ? () -> endless : contexts::grace;
        RequestContexts.CancelOn cancelOn =
                switch (properties.getRequest().getCancelOnDisconnect()) {
                    case ALL -> RequestContexts.CancelOn.ANY_METHOD;
                    case SAFE_METHODS -> RequestContexts.CancelOn.SAFE_METHODS;
                    case OFF -> RequestContexts.CancelOn.NO_METHOD;
                };
        ContextProperties.Request request = properties.getRequest();
        InboundDeadlines deadlines = new InboundDeadlines(
                request.getDeadlineHeaders().stream().map(DeadlineHeader::parse).toList(),
                request.getMinBudget(),
                observers);
        return new RequestContexts(
                properties.getMode(), request.getTimeout(), deadlines, values, cancelOn, root, live, observers);
    }

    @Bean
    @Fallback // who injects the only one of their own gets that
    FilterRegistrationBean<ContextFilter> context4jFilter(RequestContexts contexts) {
        FilterRegistrationBean<ContextFilter> registration = new FilterRegistrationBean<>(new ContextFilter(contexts));
        registration.setOrder(ContextFilter.ORDER);
        registration.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        return registration;
    }

    /** Spring finds it by its type; whoever injects one of its types is to get that of MVC or of the application. */
    @Bean(autowireCandidate = false)
    AfterHandlerAdvice context4jAfterHandlerAdvice() {
        return new AfterHandlerAdvice();
    }

    @Bean
    HandlerConfigurer context4jHandlerConfigurer(
            ConfigurableBeanFactory beans, ObjectProvider<RequestMappingHandlerMapping> mappings) {
        return new HandlerConfigurer(new HandlerPolicies(new EmbeddedValueResolver(beans)), mappings);
    }
}
