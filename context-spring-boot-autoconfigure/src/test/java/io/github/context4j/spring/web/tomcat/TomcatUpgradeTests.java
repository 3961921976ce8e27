package io.github.context4j.spring.web.tomcat;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.web.DisconnectWatch;
import jakarta.servlet.ReadListener;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import jakarta.websocket.OnMessage;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.websocket.server.WsSci;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that stop being HTTP/1.1 go on as if nobody had ever watched them. */
@Timeout(60)
class TomcatUpgradeTests {
    private final Gone gone = new Gone();

    @ParameterizedTest
    @EnumSource
    void anUpgradedConnectionWorksAfterAWatchedRequest(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start((request, response) -> {
                    gone.listen(request);
                    LockSupport.parkNanos(3 * ConnectionWatch.ARMING_DELAY);
                    if (request.getHeader("Upgrade") == null) {
                        response.getWriter().print("plain");
                    } else {
                        response.setStatus(101);
                        response.setHeader("Connection", "upgrade");
                        response.setHeader("Upgrade", "echo");
                        request.upgrade(Echo.class);
                    }
                });
                TestClient client = transport.connect(tomcat)) {
            assertThat(client.get("/").response().body()).isEqualTo("plain");
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(101);
            for (int i = 0; i < 20; i++) {
                LockSupport.parkNanos(2 * ConnectionWatch.ARMING_DELAY); // the pace of the client
                String text = "line " + i + "\n";
                client.send(text);
                assertThat(client.text(text.length())).isEqualTo(text);
            }
        }
        assertThat(gone.calls).isEmpty();
    }

    @Test
    void webSocketWorks() throws Exception {
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {}, connector -> {}, context -> {
            context.addServletContainerInitializer(new WsSci(), java.util.Set.of(EchoEndpoint.class));
        })) {
            BlockingQueue<String> received = new LinkedBlockingQueue<>();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + tomcat.port() + "/echo"), new WebSocket.Listener() {
                        @Override
                        public @Nullable CompletionStage<?> onText(
                                WebSocket webSocket, CharSequence data, boolean last) {
                            received.add(data.toString());
                            webSocket.request(1);
                            return null;
                        }
                    })
                    .get(10, TimeUnit.SECONDS);
            for (int i = 0; i < 10; i++) {
                LockSupport.parkNanos(2 * ConnectionWatch.ARMING_DELAY); // the pace of the client
                socket.sendText("message " + i, true).get(10, TimeUnit.SECONDS);
                assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("message " + i);
            }
            socket.abort();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "TLS_1_3"})
    void http2GoesOnUnwatched(Transport transport) throws Exception {
        BlockingQueue<Object> watches = new LinkedBlockingQueue<>();
        try (TestTomcat tomcat = transport.start(
                (request, response) -> {
                    Object watch = request.getAttribute(DisconnectWatch.ATTRIBUTE);
                    if (watch != null) {
                        watches.add(watch);
                    }
                    LockSupport.parkNanos(3 * ConnectionWatch.ARMING_DELAY);
                    response.getWriter()
                            .print(request.getProtocol() + " "
                                    + request.getInputStream().readAllBytes().length);
                },
                connector -> connector.addUpgradeProtocol(new Http2Protocol()))) {
            HttpClient client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_2)
                    .sslContext(TestTls.client())
                    .build();
            String scheme = transport == Transport.CLEAR ? "http" : "https";
            for (int i = 0; i < 5; i++) {
                HttpResponse<String> response = client.send(
                        HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + tomcat.port() + "/"))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000 * i]))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(response.body()).isEqualTo("HTTP/2.0 " + 100_000 * i);
            }
        }
        assertThat(watches).isEmpty();
    }

    /** An upgrade to HTTP/2 keeps the adapter of the processor that it came through, which then serves others. */
    @Test
    void http2DoesNotDisturbTheWatchOverAnotherConnection() throws Exception {
        Gate gate = new Gate();
        try (TestTomcat tomcat = TestTomcat.start(
                        (request, response) -> {
                            if (request.getRequestURI().equals("/blocked")) {
                                gone.listen(request);
                                gate.pass();
                            }
                        },
                        connector -> connector.addUpgradeProtocol(new Http2Protocol()));
                TestClient other = TestClient.connect(tomcat.port())) {
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + tomcat.port() + "/"))
                    .build();
            client.send(request, HttpResponse.BodyHandlers.discarding());
            other.get("/blocked");
            gate.awaitEntered();
            HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            other.close();
            assertThat(gone.next().path()).isEqualTo("/blocked");
            gate.open();
        }
    }

    /** Echoes bytes as soon as they have come. */
    public static final class Echo implements HttpUpgradeHandler, ReadListener {
        private @Nullable WebConnection connection;

        @Override
        public void init(WebConnection connection) {
            this.connection = connection;
            try {
                connection.getInputStream().setReadListener(this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onDataAvailable() throws IOException {
            WebConnection open = requireNonNull(connection);
            while (open.getInputStream().isReady()) {
                int b = open.getInputStream().read();
                if (b < 0) {
                    return;
                }
                open.getOutputStream().write(b);
                open.getOutputStream().flush();
            }
        }

        @Override
        public void onAllDataRead() {
            close();
        }

        @Override
        public void onError(Throwable failure) {
            close();
        }

        private void close() {
            try {
                requireNonNull(connection).close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void destroy() {}
    }

    /** Echoes messages. */
    @ServerEndpoint("/echo")
    public static final class EchoEndpoint {
        @OnMessage
        public String echo(String message) {
            return message;
        }
    }
}
