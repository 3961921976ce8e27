package io.github.context4j.spring.autoconfigure;

import ch.qos.logback.classic.LoggerContext;
import io.github.context4j.spring.propagation.CauseInMdc;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Auto-configuration for log lines that say why the context has ended under which they are logged. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass({LoggerContext.class, MDC.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextLoggingAutoConfiguration {

    /** None where Logback is on the class path and another one logs. */
    @Bean
    @Lazy(false) // nobody asks for it
    static @Nullable CauseInMdc context4jCauseInMdc() {
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers ? new CauseInMdc(loggers) : null;
    }
}
