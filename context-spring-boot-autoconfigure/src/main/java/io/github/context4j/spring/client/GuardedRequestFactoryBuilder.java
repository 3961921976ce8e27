package io.github.context4j.spring.client;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.http.client.ClientHttpRequestFactory;

/** Builds what another builder builds, guarded. */
final class GuardedRequestFactoryBuilder implements ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> {
    private final ClientHttpRequestFactoryBuilder<?> builder;
    private final @Nullable Means means;
    private final ContextRestClients clients;

    /** @param means null if they depend on what is built */
    GuardedRequestFactoryBuilder(
            ClientHttpRequestFactoryBuilder<?> builder, @Nullable Means means, ContextRestClients clients) {
        this.builder = builder;
        this.means = means;
        this.clients = clients;
    }

    @Override
    public ClientHttpRequestFactory build(@Nullable HttpClientSettings settings) {
        ClientHttpRequestFactory factory = builder.build(settings);
        return means != null ? new GuardedRequestFactory(factory, means, clients) : clients.wrap(factory);
    }
}
