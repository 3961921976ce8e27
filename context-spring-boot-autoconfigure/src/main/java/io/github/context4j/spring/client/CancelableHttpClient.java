package io.github.context4j.spring.client;

import java.io.Closeable;
import java.io.IOException;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.config.Configurable;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;

/**
 * Tells the exchange of this thread how to cancel the request: the one thing that ends it in every phase and is never retried,
 * as what is done to its connection would be.
 */
final class CancelableHttpClient extends CloseableHttpClient implements Configurable {
    private final HttpClient client;

    private CancelableHttpClient(HttpClient client) {
        this.client = client;
    }

    static void install(HttpComponentsClientHttpRequestFactory factory) {
        HttpClient client = factory.getHttpClient();
        if (!(client instanceof CancelableHttpClient)) {
            factory.setHttpClient(new CancelableHttpClient(client));
        }
    }

    @Override
    protected CloseableHttpResponse doExecute(
            @Nullable HttpHost target, ClassicHttpRequest request, @Nullable HttpContext context) throws IOException {
        ClientCall call = ClientCall.current();
        if (call != null && request instanceof Cancellable cancelable) {
            call.abortBy(cancelable::cancel);
        }
        return CloseableHttpResponse.adapt(client.executeOpen(target, request, context));
    }

    /** Spring merges the time-outs of the factory with these. */
    @Override
    public RequestConfig getConfig() {
        RequestConfig config = client instanceof Configurable configurable ? configurable.getConfig() : null;
        return config != null ? config : RequestConfig.DEFAULT;
    }

    @Override
    public void close(CloseMode mode) {
        if (client instanceof ModalCloseable closeable) {
            closeable.close(mode);
        }
    }

    @Override
    public void close() throws IOException {
        if (client instanceof Closeable closeable) {
            closeable.close();
        }
    }
}
