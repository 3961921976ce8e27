package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.propagation.CurrentContextAccessor;
import io.github.context4j.spring.propagation.MdcEntry;
import io.github.context4j.spring.propagation.MdcEntryAccessor;
import io.github.context4j.spring.propagation.SharedAccessor;
import io.github.context4j.spring.propagation.SnapshotCarrier;
import io.micrometer.context.ContextRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Auto-configuration for Micrometer's context propagation, which Reactor uses, too. */
@AutoConfiguration(after = {ContextAutoConfiguration.class, RequestIdAutoConfiguration.class})
@ConditionalOnClass(ContextRegistry.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextPropagationAutoConfiguration {

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
    static SharedAccessor context4jRequestIdAccessor(MdcEntry requestId) {
        return new SharedAccessor(new MdcEntryAccessor(requestId));
    }
}
