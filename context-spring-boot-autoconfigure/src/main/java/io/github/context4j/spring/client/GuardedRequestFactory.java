package io.github.context4j.spring.client;

import java.io.IOException;
import java.net.URI;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.AbstractClientHttpRequestFactoryWrapper;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/** Makes requests that obey contexts. They stream, as those of the factory do that it wraps. */
final class GuardedRequestFactory extends AbstractClientHttpRequestFactoryWrapper implements DisposableBean {
    private final Means means;
    private final ContextRestClients clients;

    GuardedRequestFactory(ClientHttpRequestFactory factory, Means means, ContextRestClients clients) {
        super(factory);
        this.means = means;
        this.clients = clients;
    }

    @Override
    protected ClientHttpRequest createRequest(URI uri, HttpMethod method, ClientHttpRequestFactory factory)
            throws IOException {
        return GuardedRequest.of(factory.createRequest(uri, method), means, clients);
    }

    /** As a bean it stands for the factory that it wraps, which may have to be destroyed. */
    @Override
    public void destroy() throws Exception {
        if (getDelegate() instanceof DisposableBean disposable) {
            disposable.destroy();
        }
    }
}
