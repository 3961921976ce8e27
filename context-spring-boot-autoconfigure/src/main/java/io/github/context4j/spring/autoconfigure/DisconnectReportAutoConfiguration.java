package io.github.context4j.spring.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for the line that says where disconnects are not detected. */
@AutoConfiguration(after = TomcatDisconnectAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(WebServerApplicationContext.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class DisconnectReportAutoConfiguration {

    @Bean
    static DisconnectReport context4jDisconnectReport(
            ApplicationContext application, ObjectProvider<DisconnectSupport> supports) {
        return new DisconnectReport(application, supports);
    }
}
