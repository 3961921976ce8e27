package io.github.context4j.spring.autoconfigure;

import java.util.List;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/** Says once, when the application has started, where it does not learn that a client has left. */
final class DisconnectReport implements ApplicationListener<ContextRefreshedEvent> {
    private static final Log logger = LogFactory.getLog(DisconnectReport.class);

    private final ApplicationContext application;
    private final ObjectProvider<DisconnectSupport> supports;

    DisconnectReport(ApplicationContext application, ObjectProvider<DisconnectSupport> supports) {
        this.application = application;
        this.supports = supports;
    }

    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
        // The events of child contexts, such as that of a separate management server, come here too.
        if (event.getApplicationContext() == application && application instanceof WebServerApplicationContext web) {
            List<String> gaps = gaps(web.getWebServer());
            if (!gaps.isEmpty()) {
                logger.info("Client disconnects are not detected " + String.join("; ", gaps)
                        + ". Contexts end there by their deadlines only.");
            }
        }
    }

    private List<String> gaps(@Nullable WebServer server) {
        if (server == null) {
            return List.of("in a web server that is not embedded (expected: embedded Tomcat)");
        }
        return supports.orderedStream()
                .filter(support -> support.isFor(server))
                .findFirst()
                .map(support -> support.gaps(server))
                .orElseGet(() -> List.of("in " + server.getClass().getSimpleName() + " (expected: TomcatWebServer)"));
    }
}
