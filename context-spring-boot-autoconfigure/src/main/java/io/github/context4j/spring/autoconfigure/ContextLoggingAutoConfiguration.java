package io.github.context4j.spring.autoconfigure;

import ch.qos.logback.classic.LoggerContext;
import io.github.context4j.spring.propagation.CauseInMdc;
import io.github.context4j.spring.propagation.MdcCarrier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Auto-configuration for the MDC: tasks of groups have it, and log lines say why the context has ended under which they are. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(MDC.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextLoggingAutoConfiguration {

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE) // other carriers may write to it, as tracing does
    static MdcCarrier context4jMdcCarrier() {
        return new MdcCarrier();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(LoggerContext.class)
    static final class Logback {

        /** None where Logback is on the class path and another one logs. */
        @Bean(autowireCandidate = false)
        @Lazy(false) // nobody asks for it
        static @Nullable CauseInMdc context4jCauseInMdc() {
            return LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers ? new CauseInMdc(loggers) : null;
        }
    }
}
