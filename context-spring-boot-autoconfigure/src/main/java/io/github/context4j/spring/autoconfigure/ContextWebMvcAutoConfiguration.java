package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.spring.ContextObservers;
import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.web.AfterHandlerAdvice;
import io.github.context4j.spring.web.ContextFilter;
import io.github.context4j.spring.web.HandlerPolicies;
import io.github.context4j.spring.web.InboundDeadlines;
import io.github.context4j.spring.web.RequestContexts;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
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
    @Fallback // who injects the only one of their own gets that
    FilterRegistrationBean<ContextFilter> context4jFilter(
            ContextProperties context4jProperties,
            ObjectProvider<ShutdownContexts> context4jShutdownContexts,
            ObjectProvider<Carrier> carriers,
            LiveContexts context4jLiveContexts,
            PropagatedValues context4jPropagatedValues,
            ContextObservers context4jObservers) {
        ContextProperties.Request request = context4jProperties.getRequest();
        InboundDeadlines deadlines = new InboundDeadlines(
                request.getDeadlineHeaders().stream().map(DeadlineHeader::parse).toList(),
                request.getMinBudget(),
                context4jObservers);
        RequestContexts contexts = new RequestContexts(
                context4jProperties.getMode(),
                request.getTimeout(),
                deadlines,
                context4jPropagatedValues,
                cancelOn(request.getCancelOnDisconnect()),
                ContextRoot.ofRequests(context4jProperties.getMode(), context4jShutdownContexts, carriers),
                context4jLiveContexts,
                context4jObservers);
        FilterRegistrationBean<ContextFilter> registration = new FilterRegistrationBean<>(new ContextFilter(contexts));
        registration.setOrder(ContextFilter.ORDER);
        registration.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        return registration;
    }

    private static RequestContexts.CancelOn cancelOn(ContextProperties.CancelOnDisconnect asked) {
        return switch (asked) {
            case ALL -> RequestContexts.CancelOn.ANY_METHOD;
            case SAFE_METHODS -> RequestContexts.CancelOn.SAFE_METHODS;
            case OFF -> RequestContexts.CancelOn.NO_METHOD;
        };
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
