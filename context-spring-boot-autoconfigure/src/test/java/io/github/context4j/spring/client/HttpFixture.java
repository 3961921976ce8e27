package io.github.context4j.spring.client;

import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** All clients, guarded, a server for them, and what observers are told. */
final class HttpFixture implements ContextObserver, AutoCloseable {
    static final Duration SHORT = Duration.ofMillis(150);

    final StubServer server = new StubServer();
    final DependencyCalls calls;
    final ContextRestClients clients;
    final List<String> ended = new CopyOnWriteArrayList<>();
    private final Map<HttpKind, ClientHttpRequestFactory> factories = new EnumMap<>(HttpKind.class);

    HttpFixture(Mode mode) {
        calls = new DependencyCalls(mode, this);
        Dependency brief = new Dependency("brief", SHORT);
        clients = new ContextRestClients(
                calls,
                new HttpDependencies(
                        Map.of("brief", brief), Map.of(), Map.of(), new Dependency(HttpDependencies.REST, null)));
    }

    synchronized ClientHttpRequestFactory factory(HttpKind kind) {
        return factories.computeIfAbsent(kind, k -> clients.wrap(k.builder()).build());
    }

    RestClient client(HttpKind kind) {
        return RestClient.create().mutate().requestFactory(factory(kind)).build();
    }

    @Override
    public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
        ended.add(call.dependency().name() + " " + call.operation() + " " + outcome.tag());
    }

    @Override
    public void close() throws Exception {
        for (ClientHttpRequestFactory factory : factories.values()) {
            ((DisposableBean) factory).destroy();
        }
        server.close();
    }
}
