package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

class CancelOnDisconnectTests {
    /** What a handler that the client left says of its context. */
    private static String stateAfterLeaving(TestServer server, String method, String path) throws Exception {
        App app = server.bean(App.class);
        try (Socket socket = server.open(method, path)) {
            assertThat(app.entered.poll(10, TimeUnit.SECONDS)).isEqualTo(path);
        }
        await().until(() -> disconnects(server) > app.seen);
        app.seen = disconnects(server);
        app.go.countDown();
        String state = app.left.poll(10, TimeUnit.SECONDS);
        app.go = new CountDownLatch(1);
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());
        return state == null ? "not reached" : state;
    }

    private static double disconnects(TestServer server) {
        Counter counter = server.bean(MeterRegistry.class)
                .find("context.disconnects")
                .tag("kind", "closed")
                .counter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void allRequestsAreCanceledByDefaultButThoseThatRefuse() throws Exception {
        try (TestServer server = TestServer.start(App.class)) {
            assertThat(stateAfterLeaving(server, "GET", "/get")).isEqualTo("CANCELED");
            assertThat(stateAfterLeaving(server, "POST", "/post")).isEqualTo("CANCELED");
            assertThat(stateAfterLeaving(server, "POST", "/refuses")).isEqualTo("ACTIVE");
        }
    }

    @Test
    void onlySafeMethodsAreCanceledIfSoSet() throws Exception {
        try (TestServer server = TestServer.start(App.class, "context.request.cancel-on-disconnect=safe-methods")) {
            assertThat(stateAfterLeaving(server, "GET", "/get")).isEqualTo("CANCELED");
            assertThat(stateAfterLeaving(server, "POST", "/post")).isEqualTo("ACTIVE");
            assertThat(stateAfterLeaving(server, "POST", "/asks")).isEqualTo("CANCELED");
        }
    }

    @Test
    void noneIsCanceledIfSwitchedOffButThoseThatAsk() throws Exception {
        try (TestServer server = TestServer.start(App.class, "context.request.cancel-on-disconnect=off")) {
            assertThat(stateAfterLeaving(server, "GET", "/get")).isEqualTo("ACTIVE");
            assertThat(stateAfterLeaving(server, "POST", "/asks")).isEqualTo("CANCELED");
        }
    }

    @Test
    void observingCountsAndCancelsNothing() throws Exception {
        try (TestServer server = TestServer.start(App.class, "context.mode=observe", "context.request.timeout=1ms")) {
            assertThat(stateAfterLeaving(server, "GET", "/get")).isEqualTo("ACTIVE");
            await().untilAsserted(() -> assertThat(
                            server.count("context.requests", "outcome", "canceled", "cause", "client_disconnected"))
                    .isEqualTo(1));

            assertThat(server.get("/longer").body()).isEqualTo("ACTIVE");
            await().untilAsserted(() -> assertThat(server.count(
                            "context.requests", "outcome", "deadline_exceeded", "cause", "request_timeout"))
                    .isEqualTo(1));
            Context left = server.bean(App.class).ofLonger;
            assertThat(left == null ? null : left.state())
                    .as("what the request leaves behind goes on")
                    .isEqualTo(Context.State.ACTIVE);
        }
    }

    @Test
    void asynchronousRequestsAreCanceledUntilTheyComplete() throws Exception {
        try (TestServer server = TestServer.start(App.class)) {
            App app = server.bean(App.class);
            try (Socket socket = server.open("GET", "/deferred")) {
                assertThat(app.entered.poll(10, TimeUnit.SECONDS)).isEqualTo("/deferred");
            }
            assertThat(app.left.poll(10, TimeUnit.SECONDS)).isEqualTo("CANCELED");
            await().untilAsserted(() -> assertThat(
                            server.count("context.requests", "outcome", "canceled", "cause", "client_disconnected"))
                    .isEqualTo(1));
        }
    }

    /** The loop is a common one: whoever has gone is known by the IOException, and all others go on. */
    @Test
    void aBroadcastLosesOnlyTheSubscriberThatLeft() throws Exception {
        try (TestServer server = TestServer.start(App.class, "context.zombies.after=1ms")) {
            App app = server.bean(App.class);
            try (Socket first = server.open("GET", "/emitter");
                    Socket last = server.open("GET", "/emitter")) {
                first.setSoTimeout(10_000);
                last.setSoTimeout(10_000);
                try (Socket leaving = server.open("GET", "/emitter")) {
                    await().until(() -> app.subscribers.size() == 3);
                    app.broadcast("zero");
                    leaving.getInputStream().read();
                }
                assertThat(app.left.poll(10, TimeUnit.SECONDS)).isEqualTo("CANCELED");
                await().until(() -> server.bean(LiveContexts.class).all().stream()
                        .anyMatch(request -> request.context().isDone() && !request.isDone()));
                assertThat(server.bean(Zombies.class).requests()).isEmpty();

                await().until(() -> {
                    app.broadcast(
                            "event"); // the first is taken by the system, which learns only then that nobody reads
                    return app.subscribers.size() == 2;
                });
                app.broadcast("final");

                assertThat(server.bean(LiveContexts.class).all()).hasSizeLessThanOrEqualTo(3);
                awaitText(first, "final");
                awaitText(last, "final");
                app.subscribers.forEach(SseEmitter::complete);
                await().until(() -> server.bean(LiveContexts.class).all().isEmpty());
            }
            await().untilAsserted(() -> assertThat(
                            server.count("context.requests", "outcome", "canceled", "cause", "client_disconnected"))
                    .isEqualTo(1));
        }
    }

    private static void awaitText(Socket socket, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("end of: " + read).isGreaterThanOrEqualTo(0);
            read.append((char) next);
        }
    }

    @Test
    void theCauseSaysThatTheClientLeft() throws Exception {
        try (TestServer server = TestServer.start(App.class)) {
            CompletableFuture<Throwable> cause = server.bean(App.class).cause;
            stateAfterLeaving(server, "GET", "/get");
            assertThat(cause.get(10, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(ClientDisconnectedException.class, gone -> assertThat(gone.kind())
                            .isEqualTo(ClientDisconnectedException.Kind.CLOSED));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        final BlockingQueue<String> entered = new LinkedBlockingQueue<>();
        final BlockingQueue<String> left = new LinkedBlockingQueue<>();
        final List<SseEmitter> subscribers = new CopyOnWriteArrayList<>();
        final CompletableFuture<Throwable> cause = new CompletableFuture<>();
        volatile CountDownLatch go = new CountDownLatch(1);
        volatile double seen;
        volatile @Nullable Context ofLonger;

        private String untilLeft(String path, Context context) throws InterruptedException {
            entered.add(path);
            assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
            left.add(context.state().toString());
            cause.complete(context.cause());
            return context.state().toString();
        }

        @GetMapping("/get")
        String get(Context context) throws InterruptedException {
            return untilLeft("/get", context);
        }

        @GetMapping("/longer")
        String longerThanItMay(Context context) {
            ofLonger = context;
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(5)) {
                Thread.onSpinWait();
            }
            return context.state().toString();
        }

        @PostMapping("/post")
        String post(Context context) throws InterruptedException {
            return untilLeft("/post", context);
        }

        @PostMapping("/refuses")
        @CancelOnDisconnect(false)
        String refuses(Context context) throws InterruptedException {
            return untilLeft("/refuses", context);
        }

        @PostMapping("/asks")
        @CancelOnDisconnect
        String asks(Context context) throws InterruptedException {
            return untilLeft("/asks", context);
        }

        @GetMapping("/deferred")
        DeferredResult<String> deferred(Context context) {
            report("/deferred", context);
            return new DeferredResult<>(20_000L);
        }

        @GetMapping(path = "/emitter", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        SseEmitter emitter(Context context) {
            report("/emitter", context);
            SseEmitter emitter = new SseEmitter(0L);
            subscribers.add(emitter);
            return emitter;
        }

        @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // it is copied on write
        void broadcast(String event) {
            for (SseEmitter subscriber : subscribers) {
                try {
                    subscriber.send(event);
                } catch (IOException gone) {
                    subscribers.remove(subscriber);
                }
            }
        }

        private void report(String path, Context context) {
            context.onDone(() -> left.add(context.state().toString()));
            entered.add(path);
        }
    }
}
