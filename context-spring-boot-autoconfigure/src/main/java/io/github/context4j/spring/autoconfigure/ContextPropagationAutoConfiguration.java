package io.github.context4j.spring.autoconfigure;

import ch.qos.logback.classic.LoggerContext;
import io.github.context4j.spring.propagation.CauseInMdc;
import io.github.context4j.spring.propagation.CurrentContextAccessor;
import io.github.context4j.spring.propagation.MdcCarrier;
import io.github.context4j.spring.propagation.MdcEntry;
import io.github.context4j.spring.propagation.MdcEntryAccessor;
import io.github.context4j.spring.propagation.SharedAccessor;
import io.github.context4j.spring.propagation.SnapshotCarrier;
import io.micrometer.context.ContextRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for what goes with contexts from thread to thread, and where the current one shows: the MDC, and
 * Micrometer's context propagation, which Reactor uses, too.
 */
@AutoConfiguration(after = {ContextAutoConfiguration.class, RequestIdAutoConfiguration.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextPropagationAutoConfiguration {

    @Bean
    @ConditionalOnClass(name = "org.slf4j.MDC")
    @Order(Ordered.HIGHEST_PRECEDENCE) // other carriers may write to it, as tracing does
    static MdcCarrier context4jMdcCarrier() {
        return new MdcCarrier();
    }

    /** Log lines say why the context has ended under which they are. None where Logback is there and another one logs. */
    @Bean(autowireCandidate = false)
    @Lazy(false) // nobody asks for it
    @ConditionalOnClass(name = "ch.qos.logback.classic.LoggerContext")
    static @Nullable AutoCloseable context4jCauseInMdc() { // its own class cannot be loaded without Logback
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers ? new CauseInMdc(loggers) : null;
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ContextRegistry.class)
    static final class Micrometer {

        @Bean
        static SnapshotCarrier context4jSnapshotCarrier() {
            return new SnapshotCarrier();
        }

        @Bean
        @Lazy(false) // nobody asks for it
        static SharedAccessor context4jContextAccessor() {
            return new SharedAccessor(new CurrentContextAccessor());
        }

        @Bean
        @Lazy(false)
        @ConditionalOnBean(name = "context4jRequestIdMdcEntry")
        static SharedAccessor context4jRequestIdAccessor(MdcEntry context4jRequestIdMdcEntry) {
            return new SharedAccessor(new MdcEntryAccessor(context4jRequestIdMdcEntry));
        }
    }
}
