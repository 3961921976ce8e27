package io.github.context4j.spring.testing;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** A Spring Boot application on a real server and a free port of the loopback address. */
public final class TestServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ServletWebServerApplicationContext application;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    private TestServer(ServletWebServerApplicationContext application) {
        this.application = application;
    }

    /** Starts an application with {@code properties} as {@code key=value}. */
    public static TestServer start(Class<?> configuration, String... properties) {
        return new TestServer((ServletWebServerApplicationContext) new SpringApplicationBuilder(configuration)
                .properties("server.port=0", "server.address=127.0.0.1", "spring.jmx.enabled=false")
                .properties(properties)
                .run());
    }

    public <T> T bean(Class<T> type) {
        return application.getBean(type);
    }

    public ServletWebServerApplicationContext application() {
        return application;
    }

    public int port() {
        return requireNonNull(application.getWebServer(), "webServer").getPort();
    }

    public HttpResponse<String> get(String path) {
        return send(request(path).build());
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(PATIENCE);
    }

    public HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Opens a connection and sends a GET, or whatever {@code method} is; the caller closes it. */
    @SuppressWarnings("AddressSelection") // the loopback address is meant
    public Socket open(String method, String path) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setTcpNoDelay(true);
        String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** How often the timer with these tags has recorded, 0 if there is none. */
    public long count(String timer, String... tags) {
        Timer found = bean(MeterRegistry.class).find(timer).tags(tags).timer();
        return found == null ? 0 : found.count();
    }

    @Override
    public void close() {
        application.close();
    }
}
