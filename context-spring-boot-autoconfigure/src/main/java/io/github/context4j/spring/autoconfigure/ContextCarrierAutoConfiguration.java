package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.spring.propagation.MdcCarrier;
import io.github.context4j.spring.propagation.SnapshotCarrier;
import io.micrometer.context.ContextSnapshotFactory;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for what the tasks of groups take along from the threads that fork them. All {@link Carrier} beans are
 * asked, those of the application, too.
 */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextCarrierAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MDC.class)
    static final class Logging {
        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE) // the others may write to it, as tracing does
        @ConditionalOnMissingBean
        static MdcCarrier context4jMdcCarrier() {
            return new MdcCarrier();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ContextSnapshotFactory.class)
    static final class Micrometer {
        @Bean
        @ConditionalOnMissingBean
        static SnapshotCarrier context4jSnapshotCarrier() {
            return new SnapshotCarrier();
        }
    }
}
