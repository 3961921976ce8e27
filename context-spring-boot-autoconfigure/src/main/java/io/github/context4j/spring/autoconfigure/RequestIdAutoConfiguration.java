package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.propagation.MdcEntry;
import io.github.context4j.spring.web.RequestIdFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Auto-configuration for the ids of requests, in logs and in responses. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({MDC.class, FilterRegistrationBean.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
@Conditional(RequestIdAutoConfiguration.HeaderIsNamed.class)
public final class RequestIdAutoConfiguration {

    @Bean
    @Fallback // who injects the only one of their own gets that
    FilterRegistrationBean<RequestIdFilter> context4jRequestIdFilter(ContextProperties context4jProperties) {
        String header = context4jProperties.getRequest().getIdHeader();
        FilterRegistrationBean<RequestIdFilter> registration =
                new FilterRegistrationBean<>(new RequestIdFilter(header));
        registration.setEnabled(!ContextProperties.Request.isOff(header)); // the condition may be of build time
        registration.setOrder(RequestIdFilter.ORDER);
        registration.setDispatcherTypes(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
        return registration;
    }

    @Bean
    static MdcEntry context4jRequestIdMdcEntry() {
        return new MdcEntry(RequestIdFilter.MDC_KEY);
    }

    /** Not switched off by {@code context.request.id-header: off}, which is {@code false} when it comes from YAML. */
    static final class HeaderIsNamed extends SpringBootCondition {
        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            String header = context.getEnvironment().getProperty("context.request.id-header");
            return new ConditionOutcome(
                    header == null || !ContextProperties.Request.isOff(header),
                    ConditionMessage.of("context.request.id-header: " + header));
        }
    }
}
