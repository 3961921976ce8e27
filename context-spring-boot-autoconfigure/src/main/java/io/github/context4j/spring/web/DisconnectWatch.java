package io.github.context4j.spring.web;

import io.github.context4j.spring.ClientDisconnectedException;
import java.util.function.Consumer;

/**
 * Sees the client of one request leave before its response. The container seam, where there is one, puts it into the
 * request attribute {@link #ATTRIBUTE} before the first filter runs. Thread-safe.
 */
public interface DisconnectWatch {
    /** The request attribute that holds the watch. */
    String ATTRIBUTE = DisconnectWatch.class.getName();

    /**
     * Calls {@code listener} once if the client leaves while the request is in progress, at once if it has left. Never on
     * the thread that watches the sockets, and not after the handler has returned (for asynchronous requests: after the
     * request has completed). There is one listener; a later one replaces it.
     */
    void onDisconnect(Consumer<ClientDisconnectedException.Kind> listener);

    /**
     * Has the connection closed when the request is over, without what would end the response: so that a client that still
     * reads sees that it was cut off. To be called by the thread that handles the request.
     *
     * @param status what logs and metrics show from now on; the client has another one
     */
    void cutOff(int status);
}
