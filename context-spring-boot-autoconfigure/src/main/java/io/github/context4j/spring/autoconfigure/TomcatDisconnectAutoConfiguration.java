package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.web.tomcat.WatchedHttp11NioProtocol;
import org.apache.catalina.startup.Tomcat;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;

/** Auto-configuration for seeing on Tomcat that a client has left. */
@AutoConfiguration(
        after = ContextAutoConfiguration.class,
        afterName = "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Tomcat.class, TomcatServletWebServerFactory.class})
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class TomcatDisconnectAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "context4jTomcatDisconnectSupport")
    TomcatDisconnectSupport context4jTomcatDisconnectSupport(ContextProperties context4jProperties) {
        // Not a method reference, which would be linked here, where nobody expects it to fail.
        return new TomcatDisconnectSupport(
                () -> WatchedHttp11NioProtocol.check(),
                context4jProperties.getRequest().isHalfCloseIsDisconnect());
    }
}
