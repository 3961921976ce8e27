package io.github.context4j.spring.web.tomcat;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * Tomcat's HTTP/1.1 NIO connector, clear text and TLS, whose requests carry a
 * {@link io.github.context4j.spring.web.DisconnectWatch}. Connections that are upgraded, such as to WebSocket or HTTP/2,
 * go on unwatched.
 */
public final class WatchedHttp11NioProtocol extends Http11NioProtocol {
    private final WatchedNioEndpoint endpoint;

    /** Called by Tomcat, by reflection. */
    public WatchedHttp11NioProtocol() {
        this(new WatchedNioEndpoint());
    }

    private WatchedHttp11NioProtocol(WatchedNioEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    /**
     * Returns if the Tomcat that is there has what this class and its like are made for.
     *
     * @throws LinkageError if not
     */
    public static void check() {
        new WatchedHttp11NioProtocol().endpoint.check();
        List.of(WatchedNioChannel.class, WatchedSecureNioChannel.class, WatchedHttp11Processor.class)
                .forEach(WatchedHttp11NioProtocol::link);
        new HandlerReturnValve();
        new AbandonedRequestValve();
    }

    private static void link(Class<?> type) {
        try {
            MethodHandles.lookup().ensureInitialized(type);
        } catch (IllegalAccessException e) {
            throw new IncompatibleClassChangeError(e.getMessage());
        }
    }

    /** Whether a client that closes only its sending side counts as gone; true unless set. To be set before the start. */
    public void setHalfCloseDisconnect(boolean halfCloseDisconnect) {
        endpoint.setHalfCloseDisconnect(halfCloseDisconnect);
    }

    /** How many connections are registered for watching. */
    int registered() {
        return endpoint.registered();
    }

    @Override
    protected Processor createProcessor() {
        return new WatchedHttp11Processor(this, getAdapter());
    }
}
