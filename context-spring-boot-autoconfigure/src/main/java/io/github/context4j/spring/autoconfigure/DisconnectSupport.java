package io.github.context4j.spring.autoconfigure;

import java.util.List;
import org.springframework.boot.web.server.WebServer;

/** What the integration with one kind of web server can say about its seeing disconnects. */
interface DisconnectSupport {
    /** Whether the integration is for this kind of server. */
    boolean isFor(WebServer server);

    /** Where disconnects are not detected and why, in parts of a sentence; empty if they are detected everywhere. */
    List<String> gaps(WebServer server);
}
