package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.web.tomcat.AbandonedRequestValve;
import io.github.context4j.spring.web.tomcat.HandlerReturnValve;
import io.github.context4j.spring.web.tomcat.WatchedHttp11NioProtocol;
import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/** Installs the watched connector where Boot's default is in place, and leaves everything else alone. */
final class TomcatDisconnectSupport
        implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, DisconnectSupport {
    private static final Log logger = LogFactory.getLog(TomcatDisconnectSupport.class);

    private final Runnable check;
    private final boolean halfCloseDisconnect;
    private volatile boolean failed;

    /** @param check throws a LinkageError if the watched connector does not fit the Tomcat that is there */
    TomcatDisconnectSupport(Runnable check, boolean halfCloseDisconnect) {
        this.check = check;
        this.halfCloseDisconnect = halfCloseDisconnect;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        if (!factory.getProtocol().equals(TomcatWebServerFactory.DEFAULT_PROTOCOL)) {
            return;
        }
        try {
            check.run();
        } catch (LinkageError e) {
            failed = true;
            logger.warn(
                    "Client disconnects are not detected: this version of Tomcat does not fit. Using its own connector.",
                    e);
            return;
        }
        factory.setProtocol(WatchedHttp11NioProtocol.class.getName());
        factory.addEngineValves(new HandlerReturnValve());
        factory.addContextValves(new AbandonedRequestValve());
        factory.addConnectorCustomizers(connector -> {
            if (connector.getProtocolHandler() instanceof WatchedHttp11NioProtocol watched) {
                watched.setHalfCloseDisconnect(halfCloseDisconnect);
            }
        });
    }

    @Override
    public boolean isFor(WebServer server) {
        return server instanceof TomcatWebServer;
    }

    @Override
    public List<String> gaps(WebServer server) {
        List<String> gaps = new ArrayList<>();
        if (!failed && server instanceof TomcatWebServer tomcat) {
            for (Connector connector : tomcat.getTomcat().getService().findConnectors()) {
                addGap(connector, gaps);
            }
        }
        return gaps;
    }

    private static void addGap(Connector connector, List<String> gaps) {
        String port = "on port " + connector.getLocalPort();
        if (!(connector.getProtocolHandler() instanceof WatchedHttp11NioProtocol)) {
            gaps.add(port + ", whose protocol is " + connector.getProtocolHandlerClassName() + " (expected: "
                    + TomcatWebServerFactory.DEFAULT_PROTOCOL + ", as Boot sets it)");
        } else if (connector.findUpgradeProtocols().length > 0) {
            gaps.add(port + " for requests over HTTP/2");
        }
    }
}
