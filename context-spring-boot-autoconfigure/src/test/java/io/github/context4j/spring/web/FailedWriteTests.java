package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * A write of the application's fails, since the client has left, in the moment in which somebody else ends the asynchronous
 * request: that is over once, for its listeners, in metrics and for the container.
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class FailedWriteTests {
    private TestServer server;
    private App app;
    private CutOffTests.App seen;

    @BeforeEach
    void start() {
        start("server.http2.enabled=true");
    }

    private void start(String... properties) {
        server = TestServer.start(App.class, properties);
        app = server.bean(App.class);
        seen = server.bean(CutOffTests.App.class);
    }

    @AfterEach
    void stop() {
        app.executor.release();
        server.close();
        app.executor.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/written", "/emitted"})
    void beforeTheDispatchIsProcessed(String path) throws Exception {
        try (Socket socket = begin(path)) {
            app.executor.hold();
            cancel();
            app.executor.awaitHeld();
            leave(socket);
            app.awaitFailedWrite();
        }
        app.executor.release();
        assertOverOnce(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/written", "/emitted"})
    void whileTheDispatchBegins(String path) throws Exception {
        app.gate = new CountDownLatch(1);
        try (Socket socket = begin(path)) {
            cancel();
            assertThat(app.dispatching.await(20, TimeUnit.SECONDS)).isTrue();
            leave(socket);
            app.awaitFailedWrite();
        }
        app.gate.countDown();
        assertOverOnce(path);
    }

    @Test
    void beforeTheTimeOutOfTheContainerIsProcessed() throws Exception {
        app.executor.hold();
        try (Socket socket = begin("/brief")) {
            app.executor.awaitHeld();
            leave(socket);
            app.awaitFailedWrite();
        }
        app.executor.release();
        assertOverOnce("/brief");
    }

    @Test
    void beforeTheCompletionIsProcessed() throws Exception {
        try (Socket socket = begin("/raw")) {
            app.executor.hold();
            requireNonNull(app.async).complete();
            app.executor.awaitHeld();
            leave(socket);
            app.awaitFailedWrite();
        }
        app.executor.release();
        assertOverOnce("/raw");
    }

    /** The part that was written must not be taken for the whole, nor what follows on the connection for its end. */
    @Test
    void becauseItTookTooLong() throws Exception {
        stop();
        start("server.tomcat.connection-timeout=1s", "server.tomcat.keep-alive-timeout=60s");
        try (Socket socket = begin("/large")) {
            app.executor.hold();
            assertThat(requireNonNull(app.result).setResult(null)).isTrue();
            app.executor.awaitHeld();
            app.awaitFailedWrite(); // nobody reads
            app.executor.release();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .isNotEmpty()
                    .doesNotEndWith("0\r\n\r\n");
        }
        assertThat(seen.logged.poll(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(seen.completed).as("onComplete").hasValue(1);
    }

    /** As without the library. */
    @Test
    void whenNobodyElseEndsIt() throws Exception {
        try (Socket socket = begin("/emitted")) {
            leave(socket);
            app.awaitFailedWrite();
        }
        assertOverOnce("/emitted");
    }

    /** What fails on the container's own thread is not put off. */
    @Test
    void whenTheDispatchFailsInstead(CapturedOutput output) throws Exception {
        app.dispatchesFail = true;
        try (Socket socket = begin("/deferred")) {
            cancel();
            assertOverOnce("/deferred");
            assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
        }
        assertThat(output).contains("mine").doesNotContain("NullPointerException");
    }

    @Test
    void overHttp2() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/written"))
                .build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        app.executor.awaitIdle();
        app.executor.hold();
        cancel();
        app.executor.awaitHeld();
        response.body().close();
        app.awaitFailedWrite();
        app.executor.release();
        assertThat(seen.logged.poll(20, TimeUnit.SECONDS)).as("the upgrade").isEqualTo(101);
        assertOverOnce("/written");
    }

    private Socket begin(String path) throws IOException {
        Socket socket = server.open("GET", path);
        socket.setSoTimeout(20_000);
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        app.executor.awaitIdle();
        return socket;
    }

    private void cancel() {
        List<LiveContext> all = List.copyOf(server.bean(LiveContexts.class).all());
        assertThat(all).hasSize(1);
        assertThat(all.get(0).cancel(new CanceledByOperatorException())).isTrue();
    }

    /** Resets the connection, so that the next write fails. */
    private static void leave(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void assertOverOnce(String path) throws Exception {
        assertThat(seen.logged.poll(20, TimeUnit.SECONDS))
                .as("in the access log")
                .isEqualTo(500);
        assertThat(seen.completed).as("onComplete").hasValue(1);
        assertThat(seen.stopped).as("observations").hasValue(1);
        assertThat(server.bean(LiveContexts.class).all()).isEmpty();
        assertThat(server.bean(MeterRegistry.class).get("http.server.requests").timers())
                .singleElement()
                .satisfies(timer -> {
                    assertThat(timer.count()).isEqualTo(1);
                    assertThat(timer.getId().getTag("uri")).isEqualTo(path);
                });
        assertThat(inProgress()).as("for a graceful shutdown to wait for").isZero();
        assertThat(seen.logged).isEmpty();
    }

    private long inProgress() {
        TomcatWebServer tomcat =
                (TomcatWebServer) requireNonNull(server.application().getWebServer());
        return ((StandardContext) tomcat.getTomcat().getHost().findChildren()[0]).getInProgressAsyncCount();
    }

    @Configuration(proxyBeanMethods = false)
    @Import(CutOffTests.App.class)
    @RestController
    static class App {
        final HeldExecutor executor = new HeldExecutor();
        final CountDownLatch dispatching = new CountDownLatch(1);
        private final CountDownLatch failed = new CountDownLatch(1);
        volatile CountDownLatch gate = new CountDownLatch(0);
        volatile boolean dispatchesFail;
        volatile @Nullable AsyncContext async;
        volatile @Nullable DeferredResult<@Nullable String> result;

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> held() {
            return factory -> {
                factory.addConnectorCustomizers(
                        connector -> connector.getProtocolHandler().setExecutor(executor));
                factory.addContextValves(new Gate());
                factory.addEngineValves(new Failure());
            };
        }

        void awaitFailedWrite() throws InterruptedException {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
        }

        /** Writes, on a thread of the application's, until that fails. */
        private void write(Write write) {
            Thread writer = new Thread(() -> {
                assertThatThrownBy(() -> {
                            for (; ; ) {
                                write.next();
                            }
                        })
                        .isInstanceOf(IOException.class);
                failed.countDown();
            });
            writer.setDaemon(true);
            writer.start();
        }

        @GetMapping("/written")
        DeferredResult<String> written(HttpServletResponse response) {
            write(() -> part(response));
            return new DeferredResult<>(60_000L);
        }

        @GetMapping("/large")
        DeferredResult<@Nullable String> large(HttpServletResponse response) {
            DeferredResult<@Nullable String> made = new DeferredResult<>(60_000L);
            result = made;
            write(() -> response.getOutputStream().write(new byte[1 << 16])); // past all buffers
            return made;
        }

        @GetMapping("/brief")
        @CancelOnDisconnect(false) // or its context might end it first
        DeferredResult<String> brief(HttpServletResponse response) {
            write(() -> part(response));
            return new DeferredResult<>(1L);
        }

        @GetMapping(path = "/emitted", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        SseEmitter emitted() {
            SseEmitter emitter = new SseEmitter(60_000L);
            write(() -> emitter.send("part"));
            return emitter;
        }

        @GetMapping("/raw")
        void raw(HttpServletRequest request, HttpServletResponse response) {
            AsyncContext started = request.startAsync();
            started.setTimeout(60_000L);
            async = started;
            write(() -> part(response));
        }

        private static void part(HttpServletResponse response) throws IOException {
            response.getOutputStream().write(new byte[100]);
            response.flushBuffer();
        }

        /** What writes one part. */
        private interface Write {
            void next() throws IOException;
        }

        /** Fails where no error is reported any more. */
        private final class Failure extends ValveBase {
            Failure() {
                super(true);
            }

            @Override
            public void invoke(Request request, Response response) throws IOException, ServletException {
                if (dispatchesFail && request.isAsyncDispatching()) {
                    throw new IllegalStateException("mine");
                }
                getNext().invoke(request, response);
            }
        }

        /** Holds dispatches when the container has begun with them. */
        private final class Gate extends ValveBase {
            Gate() {
                super(true);
            }

            @Override
            public void invoke(Request request, Response response) throws IOException, ServletException {
                if (request.isAsyncDispatching()) {
                    dispatching.countDown();
                    try {
                        assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                getNext().invoke(request, response);
            }
        }
    }
}
