package io.github.context4j.spring.chain;

import io.github.context4j.spring.testing.TestPostgres;
import io.github.context4j.spring.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Three services of one JVM, each of which asks the next; the last asks PostgreSQL. All hops take the same route. */
final class Chain implements AutoCloseable {
    private final List<TestServer> services = new ArrayList<>();
    private final @Nullable Process proxy;
    private final int entrance;

    Chain(Route route, String database) throws IOException {
        boolean direct = route == Route.DIRECT;
        if (!direct) {
            route.binary(); // before anything is started
        }
        List<ServerSocket> ports = direct ? List.of() : List.of(Route.reserve(), Route.reserve(), Route.reserve());
        TestServer last = TestServer.start(
                LastService.class, "context.request.timeout=1s", "chain.database=" + TestPostgres.url(database));
        TestServer middle =
                relay(direct ? last.port() : ports.get(2).getLocalPort(), "1500ms", "400ms", "http-components");
        TestServer first = relay(direct ? middle.port() : ports.get(1).getLocalPort(), "2s", "700ms", "jdk");
        services.addAll(List.of(first, middle, last));
        proxy = direct
                ? null
                : route.start(ports, services.stream().map(TestServer::port).toList());
        entrance = direct ? first.port() : ports.get(0).getLocalPort();
    }

    private static TestServer relay(int next, String timeout, String work, String client) {
        return TestServer.start(
                ChainService.class,
                "chain.next=http://127.0.0.1:" + next,
                "chain.work=" + work,
                "context.request.timeout=" + timeout,
                "context.dependencies.next.timeout=60s",
                "context.dependencies.next.hosts=127.0.0.1",
                "context.dependencies.next.propagate-deadline=true",
                "spring.http.clients.imperative.factory=" + client);
    }

    /** The service at {@code index}, of 0 to 2. */
    ChainService service(int index) {
        return services.get(index).bean(ChainService.class);
    }

    /** Opens a connection to the first service and sends a request; the caller closes it. */
    @SuppressWarnings("AddressSelection") // the loopback address is meant
    Socket request(String path) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), entrance);
        socket.setTcpNoDelay(true);
        String head = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Override
    public void close() throws Exception {
        if (proxy != null) {
            Route.end(proxy);
        }
        services.forEach(TestServer::close);
    }
}
