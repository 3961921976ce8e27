package io.github.context4j.spring.client;

import java.io.IOException;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;

/** Tells exchanges how to abort what Jetty's client does for them. Jetty queues a request on the thread that sends it. */
final class JettyAborts {
    private JettyAborts() {}

    static JettyClientHttpRequestFactoryBuilder hook(JettyClientHttpRequestFactoryBuilder builder) {
        return builder.withHttpClientCustomizer(JettyAborts::hook);
    }

    private static void hook(HttpClient client) {
        client.getRequestListeners().addQueuedListener(JettyAborts::queued);
    }

    private static void queued(Request request) {
        ClientCall call = ClientCall.current();
        if (call != null) {
            call.abortBy(() -> {
                var unused = request.abort(new IOException("The context of the request has ended"));
            });
        }
    }
}
