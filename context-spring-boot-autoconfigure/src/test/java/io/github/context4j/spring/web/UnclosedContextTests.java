package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.context4j.Context;
import io.github.context4j.UnclosedContexts;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** What is left open counts, and only that. */
class UnclosedContextTests {
    private static TestServer server;

    private final double before = counter();

    @BeforeAll
    static void start() {
        server = TestServer.start(
                App.class,
                "context.request.timeout=10s",
                "context.dependencies.code.timeout=5s",
                "context.unclosed.sample-every=1");
    }

    @AfterAll
    static void stop() {
        server.close();
        long found = UnclosedContexts.count();
        try (var parent = Context.background().withCancel();
                LogEvents logged = LogEvents.capture()) {
            @SuppressWarnings("MustBeClosedChecker") // which is the point
            Context open = parent.withCancel();
            parent.close();
            assertThat(open.isDone()).isTrue();
            assertThat(logged.at(Level.WARN)).isEmpty(); // the sampling ended with the application
        }
        assertThat(UnclosedContexts.count()).isEqualTo(found + 1);
    }

    private static double counter() {
        return server.bean(MeterRegistry.class)
                .get("context.unclosed")
                .functionCounter()
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain", "/bounded", "/stream", "/callable", "/future", "/call", "/missing"})
    void theLibraryLeavesNothingOpen(String path) {
        try (LogEvents logged = LogEvents.capture()) {
            server.get(path);
            awaitEnd();

            assertThat(counter()).isEqualTo(before);
            assertThat(logged.at(Level.WARN)).isEmpty();
        }
    }

    @Test
    void aHandlerThatDerivesAndForgetsIsReported() {
        try (LogEvents logged = LogEvents.capture()) {
            server.get("/forgetful");
            awaitEnd();

            assertThat(counter()).isEqualTo(before + 1);
            assertThat(logged.at(Level.WARN)).containsExactly("A context was left open when its parent was closed");
            assertThat(logged.hasStackTraceAt(Level.WARN)).isTrue();
        }
    }

    private static void awaitEnd() {
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        private final Dependencies dependencies;

        App(Dependencies dependencies) {
            this.dependencies = dependencies;
        }

        @GetMapping("/plain")
        String plain() {
            return "plain";
        }

        @GetMapping("/bounded")
        @ContextTimeout("7s")
        String bounded(Context ctx) {
            return ctx.callWithin(Duration.ofSeconds(1), () -> "bounded");
        }

        @GetMapping("/stream")
        StreamingResponseBody stream() {
            return out -> out.write('s');
        }

        @GetMapping("/callable")
        Callable<String> callable() {
            return () -> "callable";
        }

        @GetMapping("/future")
        CompletableFuture<String> future() {
            return CompletableFuture.completedFuture("future");
        }

        @GetMapping("/call")
        String call() {
            return dependencies.call("code", () -> "call");
        }

        @GetMapping("/forgetful")
        @SuppressWarnings("MustBeClosedChecker") // which is the point
        String forgetful(Context ctx) {
            return ctx.withCancel().state().name();
        }
    }
}
