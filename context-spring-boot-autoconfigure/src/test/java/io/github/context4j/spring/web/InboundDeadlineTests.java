package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.Deadline;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Requests whose callers say how long they wait. */
class InboundDeadlineTests {
    private static final String[] SETTINGS = {
        "context.request.timeout=10s",
        "context.request.deadline-headers=grpc-timeout, x-envoy-expected-rq-timeout-ms, X-Time-Left=millis",
        "context.request.min-budget=50ms",
    };

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(App.class, SETTINGS);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        nothingIsLeft(server);
    }

    private static void nothingIsLeft(TestServer server) {
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());
        assertThat(server.bean(App.class).leftBehind).isNull();
    }

    private static HttpResponse<String> get(TestServer server, String path, String... headers) {
        HttpRequest.Builder request = server.request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request.build());
    }

    private static long remaining(String path, String... headers) {
        HttpResponse<String> response = get(server, path, headers);
        assertThat(response.statusCode()).isEqualTo(200);
        return Long.parseLong(response.body());
    }

    @Test
    void theCallersTimeIsTheDeadline() {
        assertThat(remaining("/remaining", "grpc-timeout", "2S")).isBetween(1L, 2_000L);
        assertThat(remaining("/remaining", "x-envoy-expected-rq-timeout-ms", "2000"))
                .isBetween(1L, 2_000L);
        assertThat(remaining("/remaining", "x-time-left", "2000")).isBetween(1L, 2_000L);
    }

    @Test
    void noHeaderLengthensATimeout() {
        assertThat(remaining("/remaining", "grpc-timeout", "60S")).isBetween(2_001L, 10_000L);
        assertThat(remaining("/remaining/short", "grpc-timeout", "99999999H")).isBetween(1L, 900L);
        assertThat(remaining("/remaining/short", "x-time-left", "999999999999999999"))
                .isBetween(1L, 900L);
    }

    @Test
    void aLongerOrNoTimeoutOfTheHandlersDoesNotLengthenTheCallersTime() {
        assertThat(remaining("/remaining/long", "grpc-timeout", "2S")).isBetween(1L, 2_000L);
        assertThat(remaining("/remaining/none", "grpc-timeout", "2S")).isBetween(1L, 2_000L);
        assertThat(get(server, "/remaining/none").body()).isEqualTo("none");
    }

    @Test
    void theShortestOfSeveralHolds() {
        assertThat(remaining("/remaining", "grpc-timeout", "5S", "grpc-timeout", "2S", "grpc-timeout", "4S"))
                .isBetween(1L, 2_000L);
        assertThat(remaining("/remaining", "grpc-timeout", "5S", "x-time-left", "2000"))
                .isBetween(1L, 2_000L);
        assertThat(remaining("/remaining", "x-time-left", "oops", "x-time-left", "2000", "grpc-timeout", "-1S"))
                .isBetween(1L, 2_000L);
    }

    @Test
    void theTimeCountsFromTheBeginningOfTheRequest() {
        assertThat(remaining("/remaining/long?wait=300", "grpc-timeout", "5S")).isBetween(1L, 4_700L);
    }

    @Test
    void aDeadlineThatPassesIsAnsweredLikeATimeoutAndCountedAsTheCallers() {
        long before = ended("deadline_exceeded", "caller_deadline");
        try (LogEvents log = LogEvents.capture()) {
            HttpResponse<String> response = get(server, "/wait", "grpc-timeout", "200m");

            assertThat(response.statusCode()).isEqualTo(504);
            assertThat(response.body()).contains("The request took longer than it may.");
            assertThat(log.at(Level.WARN)).singleElement().asString().contains("caller's deadline of 200 ms");
        }
        await().untilAsserted(() ->
                assertThat(ended("deadline_exceeded", "caller_deadline")).isEqualTo(before + 1));
    }

    @Test
    void aDeferredResultEndsAtTheCallersDeadline() {
        assertThat(get(server, "/deferred", "grpc-timeout", "200m").statusCode())
                .isEqualTo(504);
    }

    @Test
    void aStreamThatHasBegunOutlivesTheCallersDeadline() {
        assertThat(get(server, "/stream", "grpc-timeout", "1S").body()).isEqualTo("ACTIVE");
    }

    @Test
    void aRequestWithLessThanTheMinimumIsNotBegun() {
        int begun = server.bean(App.class).begun.get();
        long before = ended("deadline_exceeded", "caller_deadline");
        try (LogEvents log = LogEvents.capture()) {
            HttpResponse<String> response = get(server, "/remaining", "grpc-timeout", "49m");

            assertThat(response.statusCode()).isEqualTo(504);
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(response.body())
                    .isEqualTo(
                            "{\"type\":\"about:blank\",\"title\":\"Gateway Timeout\",\"status\":504,"
                                    + "\"detail\":\"The caller left too little time for the request.\",\"instance\":\"/remaining\"}");
            assertThat(log.at(Level.WARN)).isEmpty();
        }
        assertThat(server.bean(App.class).begun).hasValue(begun);
        await().untilAsserted(() ->
                assertThat(ended("deadline_exceeded", "caller_deadline")).isEqualTo(before + 1));

        assertThat(get(server, "/begin", "grpc-timeout", "5S").statusCode()).isEqualTo(200);
        assertThat(server.bean(App.class).begun).hasValue(begun + 1);
    }

    @Test
    void withoutAMinimumOnlyACallerThatWaitsNoLongerIsRefused() {
        try (TestServer plain = TestServer.start(App.class)) {
            assertThat(get(plain, "/begin", "grpc-timeout", "0n").statusCode()).isEqualTo(504);
            assertThat(plain.bean(App.class).begun).hasValue(0);
            assertThat(get(plain, "/remaining", "grpc-timeout", "5S").statusCode())
                    .isEqualTo(200);
            assertThat(get(plain, "/remaining").body()).isEqualTo("none");
            nothingIsLeft(plain);
        }
    }

    @Test
    void withoutHeadersNobodyIsListenedTo() {
        try (TestServer edge = TestServer.start(App.class, "context.request.deadline-headers=")) {
            assertThat(get(edge, "/remaining", "grpc-timeout", "0n", "x-envoy-expected-rq-timeout-ms", "1")
                            .body())
                    .isEqualTo("none");
            assertThat(get(edge, "/remaining", "grpc-timeout", "oops").body()).isEqualTo("none");
            assertThat(ignored(edge)).isZero();
        }
    }

    @Test
    void whenSwitchedOffNobodyIsListenedTo() {
        try (TestServer off = TestServer.start(App.class, "context.enabled=false")) {
            assertThat(get(off, "/remaining", "grpc-timeout", "0n").body()).isEqualTo("none");
        }
    }

    @Test
    void observingCountsAndRefusesNobody() {
        try (TestServer observing =
                TestServer.start(App.class, "context.mode=observe", "context.request.min-budget=50ms")) {
            assertThat(get(observing, "/remaining", "grpc-timeout", "1m").body())
                    .isEqualTo("none");
            assertThat(get(observing, "/remaining/long?wait=200", "grpc-timeout", "100m")
                            .body())
                    .isEqualTo("none");
            assertThat(get(observing, "/remaining", "grpc-timeout", "60S").body())
                    .isEqualTo("none");
            await().untilAsserted(() -> assertThat(observing.count(
                            "context.requests", "outcome", "deadline_exceeded", "cause", "caller_deadline"))
                    .isEqualTo(2));
            nothingIsLeft(observing);
        }
    }

    private static long ended(String outcome, String cause) {
        return server.count("context.requests", "outcome", outcome, "cause", cause);
    }

    static long ignored(TestServer server) {
        return (long) server.bean(MeterRegistry.class).find("context.deadline.headers.ignored").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        final AtomicInteger begun = new AtomicInteger();
        volatile @Nullable Context leftBehind;

        /** Sees what is left on the container's thread. */
        @Bean
        FilterRegistrationBean<Filter> outermost() {
            FilterRegistrationBean<Filter> outermost = new FilterRegistrationBean<>((request, response, chain) -> {
                chain.doFilter(request, response);
                leftBehind = CurrentContext.get() == null ? leftBehind : CurrentContext.get();
            });
            outermost.setOrder(Ordered.HIGHEST_PRECEDENCE);
            return outermost;
        }

        /** Takes time before the handler does. */
        @Bean
        FilterRegistrationBean<Filter> slow() {
            FilterRegistrationBean<Filter> slow = new FilterRegistrationBean<>((request, response, chain) -> {
                if (request.getParameter("wait") != null) {
                    pause(Long.parseLong(request.getParameter("wait")));
                }
                chain.doFilter(request, response);
            });
            slow.setOrder(Ordered.LOWEST_PRECEDENCE);
            return slow;
        }

        private static void pause(long millis) {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
        }

        private static String remaining(Context context) {
            Deadline deadline = context.deadline();
            return deadline == null ? "none" : Long.toString(deadline.remaining(TimeUnit.MILLISECONDS));
        }

        @GetMapping("/begin")
        void begin() {
            begun.incrementAndGet();
        }

        @GetMapping("/remaining")
        String byDefault(Context context) {
            return remaining(context);
        }

        @GetMapping("/remaining/long")
        @ContextTimeout("60s")
        String withLonger(Context context) {
            return remaining(context);
        }

        @GetMapping("/remaining/short")
        @ContextTimeout("900ms")
        String withShorter(Context context) {
            return remaining(context);
        }

        @GetMapping("/remaining/none")
        @ContextTimeout("none")
        String withNone(Context context) {
            return remaining(context);
        }

        @GetMapping("/wait")
        @ContextTimeout("none")
        String waits(Context context) throws InterruptedException {
            context.awaitDone();
            context.throwIfDone();
            return "not reached";
        }

        @GetMapping("/deferred")
        DeferredResult<String> deferred() {
            return new DeferredResult<>();
        }

        @GetMapping("/stream")
        StreamingResponseBody stream() {
            return out -> {
                pause(1_200);
                out.write(Context.current().state().toString().getBytes(StandardCharsets.US_ASCII));
            };
        }
    }
}
