package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Handlers that return before their work is over. */
@ExtendWith(OutputCaptureExtension.class)
class RequestContextAsyncTests {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(App.class, "context.request.timeout=300ms");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());
    }

    @Test
    void aCallableRunsUnderTheContext() {
        assertThat(server.get("/callable").body()).isEqualTo("true");
        assertThat(server.get("/callable/wait").statusCode()).isEqualTo(504);
    }

    @Test
    void aDeferredResultThatNobodySetsEndsAtTheDeadline() {
        assertThat(server.get("/deferred").statusCode()).isEqualTo(504);
    }

    /** As where a write has failed, and the container is at it: there is nothing to warn of. */
    @Test
    void aDeferredResultThatTheContainerDoesNotTakeAnyMoreIsLeftToIt(CapturedOutput output) {
        assertThat(server.get("/deferred/refused").body()).isEqualTo("by somebody else");
        assertThat(output).doesNotContain("An onDone action failed");
    }

    @Test
    void aFutureThatNobodyCompletesEndsAtTheDeadline() {
        assertThat(server.get("/future").statusCode()).isEqualTo(504);
    }

    @Test
    void aFutureThatCompletesInTimeIsDelivered() {
        assertThat(server.get("/future/quick").body()).isEqualTo("ACTIVE");
    }

    @Test
    void aStreamingBodyOutlivesTheTimeout() {
        assertThat(server.get("/stream").body()).isEqualTo("ACTIVE 0 ACTIVE 1 ACTIVE 2 end");
    }

    @Test
    void anEmitterOutlivesTheTimeout() {
        assertThat(server.get("/sse").body()).contains("data:ACTIVE").contains("data:end");
    }

    @Test
    void aStreamingHandlerThatDoesNotReturnInTimeIsCut() {
        assertThat(server.get("/stream/never").statusCode()).isEqualTo(504);
        await().untilAsserted(() -> assertThat(
                        server.count("context.requests", "outcome", "deadline_exceeded", "cause", "request_timeout"))
                .isPositive());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        private static String waits(Context context) throws InterruptedException {
            RequestContextTests.App.awaitDone(context);
            context.throwIfDone();
            return "not reached";
        }

        @GetMapping("/callable")
        @ContextTimeout("20s")
        Callable<Boolean> callable(Context context) {
            return () -> Context.current() == context;
        }

        @GetMapping("/callable/wait")
        Callable<String> callableWaits() {
            return () -> waits(Context.current());
        }

        @GetMapping("/deferred")
        DeferredResult<String> deferred() {
            return new DeferredResult<>();
        }

        @GetMapping("/deferred/refused")
        DeferredResult<String> refused() {
            return new DeferredResult<>() {
                @Override
                public boolean setErrorResult(@Nullable Object result) {
                    setResult("by somebody else");
                    throw new IllegalStateException("after an error had occurred");
                }
            };
        }

        @GetMapping("/future")
        CompletableFuture<String> future() {
            return new CompletableFuture<>();
        }

        @GetMapping("/future/quick")
        @ContextTimeout("20s")
        CompletableFuture<String> futureQuick(Context context) {
            return CompletableFuture.supplyAsync(
                    context.wrapSupplier(() -> Context.current().state().toString()));
        }

        private static void pause() throws InterruptedException {
            Context.background()
                    .runWithin(Duration.ofMillis(600), () -> RequestContextTests.App.awaitDone(Context.current()));
        }

        @GetMapping("/stream")
        @ContextTimeout("1s")
        StreamingResponseBody stream(Context context) {
            return out -> {
                try {
                    for (int i = 0; i < 3; i++) {
                        out.write((Context.current().state() + " " + i + " ").getBytes(StandardCharsets.US_ASCII));
                        out.flush();
                        pause();
                    }
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                out.write(
                        context == Context.current()
                                ? "end".getBytes(StandardCharsets.US_ASCII)
                                : "other".getBytes(StandardCharsets.US_ASCII));
            };
        }

        @GetMapping("/stream/never")
        StreamingResponseBody streamNever(Context context) throws InterruptedException {
            RequestContextTests.App.awaitDone(context);
            context.throwIfDone();
            return out -> {};
        }

        @GetMapping("/sse")
        @ContextTimeout("1s")
        SseEmitter sse(Context context) {
            SseEmitter emitter = new SseEmitter(10_000L);
            Thread thread = new Thread(() -> {
                try {
                    pause();
                    pause();
                    emitter.send(context.state().toString());
                    emitter.send("end");
                    emitter.complete();
                } catch (IOException | InterruptedException e) {
                    emitter.completeWithError(e);
                }
            });
            thread.start();
            return emitter;
        }
    }
}
