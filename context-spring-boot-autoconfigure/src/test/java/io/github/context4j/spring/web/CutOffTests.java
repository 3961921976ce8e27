package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** A response that has begun is cut off, and its request is over once: for the client, for listeners and in metrics. */
@Timeout(120)
class CutOffTests {
    private static final String PART = "part";
    private static final String END = "\r\n0\r\n\r\n";

    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start(App.class);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sync", "/body", "/callable", "/deferred", "/sse"})
    void byAnOperator(String path) throws Exception {
        try (Socket socket = begin(path)) {
            assertThat(live().cancel(new CanceledByOperatorException())).isTrue();

            assertCutOff(socket);
        }
        assertOverOnce(path, 500, "canceled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sync", "/body", "/callable", "/deferred"}) // emitters are left to the application
    void whenTheClientHasClosedItsSendingSide(String path) throws Exception {
        try (Socket socket = begin(path)) {
            socket.shutdownOutput();

            assertCutOff(socket);
        }
        assertOverOnce(path, 200, "canceled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sync", "/body", "/callable", "/deferred"}) // emitters are left to the application
    void whenTheClientHasLeft(String path) throws Exception {
        try (Socket socket = begin(path)) {
            assertThat(socket.isConnected()).isTrue();
        }
        assertOverOnce(path, 200, "canceled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sync/late", "/callable/late", "/deferred/late"})
    void atTheDeadline(String path) throws Exception {
        try (Socket socket = begin(path)) {
            assertCutOff(socket);
        }
        assertOverOnce(path, 500, "deadline_exceeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sync", "/body", "/callable", "/deferred", "/sse"})
    void whenTheServerStops(String path) throws Exception {
        server.close();
        server = TestServer.start(App.class, "context.shutdown.grace-period=100ms");
        App app = server.bean(App.class);
        try (Socket socket = begin(path)) {
            server.close();

            assertCutOff(socket);
        }
        assertOverOnce(app, path, 500); // whose metrics are closed first of all
    }

    /** The container is told of the failed write in the midst of the dispatch in which the response is cut off. */
    @Test
    void whenAWriteFailsMeanwhile() throws Exception {
        App app = server.bean(App.class);
        app.writesOn = true;
        try (Socket socket = begin("/deferred")) {
            assertThat(socket.isConnected()).isTrue();
        }
        assertOverOnce(app, "/deferred", 500); // Tomcat's, of all asynchronous requests whose writes failed
        assertThat(app.wrote.getCount()).isZero();
    }

    /** Writes until the client's end says that it is gone. */
    private static void writeOn(ServletResponse response) throws IOException {
        byte[] bytes = new byte[1 << 16];
        for (int i = 0; i < 10_000; i++) {
            response.getOutputStream().write(bytes);
            response.flushBuffer();
        }
    }

    /** As without the library: the application fails while nothing has ended. */
    @Test
    void aStreamThatFailsByItselfIsOverOnce() throws Exception {
        try (Socket socket = begin("/fails")) {
            assertThat(rest(socket)).doesNotContain(END);
        }
        App app = server.bean(App.class);
        assertThat(app.logged.poll(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(app.stopped).hasValue(1);
        assertThat(app.completed).hasValue(1);
    }

    /** Sends a request and returns when the response has begun. */
    private Socket begin(String path) throws IOException {
        Socket socket = server.open("GET", path);
        socket.setSoTimeout(20_000);
        StringBuilder begun = new StringBuilder();
        while (begun.indexOf(PART) < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("a byte after: %s", begun).isNotNegative();
            begun.append((char) next);
        }
        assertThat(begun).startsWith("HTTP/1.1 200").containsIgnoringCase("transfer-encoding: chunked");
        return socket;
    }

    private LiveContext live() {
        List<LiveContext> all = List.copyOf(server.bean(LiveContexts.class).all());
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    /** The connection is closed, much sooner than by any time-out, without what ends the response. */
    private static void assertCutOff(Socket socket) throws IOException {
        long begun = System.nanoTime();
        assertThat(rest(socket)).doesNotContain("0\r\n\r\n").doesNotContain("rror");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    private void assertOverOnce(String path, int status, String outcome) throws Exception {
        assertOverOnce(server.bean(App.class), path, status);
        assertThat(server.bean(MeterRegistry.class).get("http.server.requests").timers())
                .singleElement()
                .satisfies(timer -> {
                    assertThat(timer.count()).isEqualTo(1);
                    assertThat(timer.getId().getTag("uri")).isEqualTo(path);
                    assertThat(timer.getId().getTag("status")).isEqualTo(Integer.toString(status));
                    assertThat(timer.getId().getTag("context.outcome")).isEqualTo(outcome);
                });
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());
        assertThat(server.count("context.requests", "outcome", outcome)).isEqualTo(1);
    }

    /** The container writes the access log last of all. */
    private static void assertOverOnce(App app, String path, int status) throws Exception {
        assertThat(app.logged.poll(20, TimeUnit.SECONDS))
                .as("in the access log")
                .isEqualTo(status);
        assertThat(app.logged).isEmpty();
        assertThat(app.stopped).as("observations").hasValue(1);
        assertThat(app.completed).as("onComplete").hasValue(path.startsWith("/sync") ? 0 : 1);
    }

    private static final class Log extends ValveBase implements AccessLog {
        private final BlockingQueue<Integer> logged;

        Log(BlockingQueue<Integer> logged) {
            super(true);
            this.logged = logged;
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            getNext().invoke(request, response);
        }

        @Override
        public void log(Request request, Response response, long time) {
            logged.add(response.getStatus());
        }

        @Override
        public void setRequestAttributesEnabled(boolean enabled) {
            // not needed
        }

        @Override
        public boolean getRequestAttributesEnabled() {
            return false;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App implements ObservationHandler<ServerRequestObservationContext> {
        final BlockingQueue<Integer> logged = new LinkedBlockingQueue<>();
        final AtomicInteger completed = new AtomicInteger();
        final AtomicInteger stopped = new AtomicInteger();
        final CountDownLatch wrote = new CountDownLatch(1);
        volatile boolean writesOn;

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> accessLog() {
            return factory -> factory.addEngineValves(new Log(logged));
        }

        @Bean
        FilterRegistrationBean<Filter> listening() {
            FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>(this::listen);
            filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
            filter.setAsyncSupported(true);
            return filter;
        }

        private void listen(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            try {
                chain.doFilter(request, response);
            } finally {
                if (writesOn && request.getDispatcherType() == DispatcherType.ASYNC) {
                    assertThatThrownBy(() -> writeOn(response)).isInstanceOf(IOException.class);
                    wrote.countDown();
                }
            }
            if (request.isAsyncStarted()) {
                request.getAsyncContext().addListener(new CountingListener(completed));
            }
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof ServerRequestObservationContext;
        }

        @Override
        public void onStop(ServerRequestObservationContext context) {
            stopped.incrementAndGet();
        }

        private static void send(HttpServletResponse response) throws IOException {
            response.getOutputStream().write(PART.getBytes(StandardCharsets.US_ASCII));
            response.flushBuffer();
            response.getOutputStream().write("of what is still buffered".getBytes(StandardCharsets.US_ASCII));
        }

        private static void untilDone(Context context) throws InterruptedException {
            context.awaitDone();
            context.throwIfDone();
        }

        @GetMapping("/sync")
        void sync(Context context, HttpServletResponse response) throws Exception {
            send(response);
            untilDone(context);
        }

        @GetMapping("/body")
        StreamingResponseBody body(Context context, HttpServletResponse response) {
            return out -> {
                send(response);
                try {
                    untilDone(context);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };
        }

        @GetMapping("/callable")
        Callable<String> callable(Context context, HttpServletResponse response) throws IOException {
            send(response);
            return () -> {
                untilDone(context);
                return "not reached";
            };
        }

        @GetMapping("/deferred")
        DeferredResult<String> deferred(HttpServletResponse response) throws IOException {
            send(response);
            return new DeferredResult<>(60_000L);
        }

        @GetMapping(path = "/sse", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        SseEmitter sse() throws IOException {
            SseEmitter emitter = new SseEmitter(60_000L);
            emitter.send(PART);
            return emitter;
        }

        @GetMapping(path = "/fails", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        SseEmitter fails() throws IOException {
            SseEmitter emitter = sse();
            emitter.completeWithError(new IllegalStateException("mine"));
            return emitter;
        }

        @GetMapping("/sync/late")
        @ContextTimeout("300ms")
        void syncLate(Context context, HttpServletResponse response) throws Exception {
            sync(context, response);
        }

        @GetMapping("/callable/late")
        @ContextTimeout("300ms")
        Callable<String> callableLate(Context context, HttpServletResponse response) throws IOException {
            return callable(context, response);
        }

        @GetMapping("/deferred/late")
        @ContextTimeout("300ms")
        DeferredResult<String> deferredLate(HttpServletResponse response) throws IOException {
            return deferred(response);
        }
    }
}
