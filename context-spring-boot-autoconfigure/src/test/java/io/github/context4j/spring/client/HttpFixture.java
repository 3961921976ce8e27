package io.github.context4j.spring.client;

import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.PropagatedValues;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** All clients, guarded, a server for them, and what observers are told. */
final class HttpFixture implements ContextObserver, AutoCloseable {
    static final Duration SHORT = Duration.ofMillis(150);

    final StubServer server = new StubServer();
    final DependencyCalls calls;
    final ContextRestClients clients;
    final AtomicReference<@Nullable String> requestId = new AtomicReference<>();
    final List<String> ended = new CopyOnWriteArrayList<>();
    private final Map<HttpKind, ClientHttpRequestFactory> factories = new EnumMap<>(HttpKind.class);

    HttpFixture(Mode mode) {
        calls = new DependencyCalls(mode, this);
        Map<String, Dependency> dependencies = Map.of(
                "brief", new Dependency("brief", SHORT),
                "plain", new Dependency("plain", Duration.ofSeconds(20)),
                "grpc", told("grpc", "grpc-timeout", true),
                "envoy", told("envoy", "x-envoy-expected-rq-timeout-ms", false),
                "custom", told("custom", "X-Time-Left=millis", false));
        clients = new ContextRestClients(
                calls,
                new HttpDependencies(dependencies, Map.of(), Map.of(), new Dependency(HttpDependencies.REST, null)),
                new PropagatedValues(List.of()),
                new OutboundRequestId("X-Request-Id", requestId::get));
    }

    private static Dependency told(String name, String header, boolean requestId) {
        return new Dependency(
                name,
                Duration.ofSeconds(20),
                false,
                new Dependency.Propagation(DeadlineHeader.parse(header), requestId, false));
    }

    synchronized ClientHttpRequestFactory factory(HttpKind kind) {
        return factories.computeIfAbsent(kind, k -> clients.wrap(k.builder()).build());
    }

    RestClient client(HttpKind kind, String dependency) {
        return client(kind)
                .mutate()
                .apply(ContextRestClients.dependency(dependency))
                .build();
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
