package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.github.context4j.Context;
import io.github.context4j.TaskGroup;
import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestServer;
import io.github.context4j.spring.web.ContextTimeout;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the lines of canceled requests say, on one thread that all requests share. */
@Timeout(120)
class LoggedCauseTests {
    private static final Executor THREADS = task -> new Thread(task).start();

    private @Nullable TestServer server;
    private @Nullable LogEvents capture;

    private TestServer start(String... properties) {
        TestServer started = TestServer.start(App.class, properties);
        server = started;
        capture = LogEvents.capture(); // the start of an application resets the loggers
        return started;
    }

    private LogEvents log() {
        return requireNonNull(capture);
    }

    @AfterEach
    void nothingIsLeft() {
        log().close();
        try (TestServer stopped = requireNonNull(server)) {
            assertThat(stopped.get("/mdc").body())
                    .as("on the threads of requests")
                    .doesNotContain("contextCause");
            assertThat(stopped.bean(App.class).leftBehind).isNull();
        }
        assertThat(((LoggerContext) LoggerFactory.getILoggerFactory()).getTurboFilterList())
                .noneMatch(CauseInMdc.class::isInstance);
    }

    private static void awaitBegun(TestServer server) throws InterruptedException {
        assertThat(server.bean(App.class).begun.tryAcquire(20, TimeUnit.SECONDS))
                .isTrue();
    }

    private void awaitError(Map<String, String> mdc) {
        await().untilAsserted(() -> assertThat(log().mdcAt(Level.ERROR)).containsExactly(mdc));
    }

    private static CompletableFuture<HttpResponse<String>> begin(TestServer server, String path) throws Exception {
        CompletableFuture<HttpResponse<String>> response = CompletableFuture.supplyAsync(
                () -> server.send(
                        server.request(path).header("X-Request-Id", "mine").build()),
                THREADS);
        awaitBegun(server);
        return response;
    }

    @Test
    void theErrorOfARequestWhoseClientLeftSaysSo() throws Exception {
        TestServer server = start("server.tomcat.threads.max=1", "server.tomcat.threads.min-spare=1");
        try (Socket socket = server.open("GET", "/waits")) {
            awaitBegun(server);
            assertThat(socket.isConnected()).isTrue();
        }

        await().untilAsserted(() -> assertThat(log().mdcAt(Level.ERROR)).hasSize(1));
        assertThat(log().mdcAt(Level.ERROR).get(0))
                .containsEntry("contextCause", "client_disconnected")
                .containsKey("requestId");
        assertThat(server.get("/logs").statusCode()).isEqualTo(200);
        assertThat(log().mdcAt(Level.ERROR).get(1))
                .as("of the next request on the same thread")
                .doesNotContainKey("contextCause");
    }

    @Test
    void beforeTheEndLinesDoNotHaveItAndAfterwardsAllDo() throws Exception {
        TestServer server = start();
        begin(server, "/waits/briefly").get(30, TimeUnit.SECONDS);

        awaitError(Map.of("requestId", "mine", "contextCause", "request_timeout"));
        assertThat(log().mdcAt(Level.INFO).stream().filter(mdc -> mdc.containsValue("mine")))
                .as("begun")
                .containsExactly(Map.of("requestId", "mine"));
        assertThat(log().mdcAt(Level.WARN))
                .as("after the handler, and of the filter")
                .hasSize(2)
                .allSatisfy(mdc -> assertThat(mdc).containsEntry("contextCause", "request_timeout"));
    }

    @Test
    void theTasksOfAGroupSayIt() throws Exception {
        TestServer server = start();
        begin(server, "/group").get(30, TimeUnit.SECONDS);

        awaitError(Map.of("requestId", "mine", "contextCause", "request_timeout"));
    }

    @Test
    void aRequestThatAnOperatorCanceledSaysSo() throws Exception {
        TestServer server = start();
        var response = begin(server, "/waits");
        server.bean(LiveContexts.class).all().forEach(live -> live.cancel(new CanceledByOperatorException()));

        assertThat(response.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        awaitError(Map.of("requestId", "mine", "contextCause", "operator"));
    }

    @Test
    void aRequestThatIsCanceledAtShutdownSaysSo() throws Exception {
        TestServer server = start("context.shutdown.grace-period=100ms");
        var response = begin(server, "/waits");
        server.bean(ShutdownContexts.class).stop();

        assertThat(response.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        awaitError(Map.of("requestId", "mine", "contextCause", "shutdown"));
    }

    /** Its own context goes on. */
    @Test
    void anAsyncMethodThatOutlivesItsRequestDoesNot() throws Exception {
        TestServer server = start();
        begin(server, "/async").get(30, TimeUnit.SECONDS);
        server.bean(App.class).release.countDown();

        awaitError(Map.of("requestId", "mine"));
    }

    @Test
    void anAsyncMethodThatIsCanceledDoesAndLeavesNothing() throws Exception {
        TestServer server = start(
                "context.async.cancellation=true",
                "spring.task.execution.pool.core-size=1",
                "spring.threads.virtual.enabled=false");
        begin(server, "/async").get(30, TimeUnit.SECONDS);
        await().until(() -> server.bean(App.class).ofTask.isDone());
        server.bean(App.class).release.countDown();

        awaitError(Map.of("requestId", "mine", "contextCause", "request_timeout"));
        assertThat(server.bean(Service.class).mdc().get(20, TimeUnit.SECONDS)).doesNotContain("contextCause");
    }

    @Test
    void switchedOffNoLineHasIt() {
        TestServer server = start("context.enabled=false");

        assertThat(server.application().getBeansOfType(CauseInMdc.class)).isEmpty();
    }

    static class Service {
        private final App app;

        Service(App app) {
            this.app = app;
        }

        @Async
        public void logs() throws InterruptedException {
            app.ofTask = Context.current();
            app.begun.release();
            assertThat(app.release.await(20, TimeUnit.SECONDS)).isTrue();
            App.logger.error("failed");
        }

        @Async
        public CompletableFuture<String> mdc() {
            return CompletableFuture.completedFuture(String.valueOf(MDC.getCopyOfContextMap()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @EnableAsync
    @Import({Service.class, Controller.class})
    static class App {
        static final Logger logger = LoggerFactory.getLogger("application");

        final Semaphore begun = new Semaphore(0);
        final CountDownLatch release = new CountDownLatch(1);
        volatile Context ofTask = Context.background();
        volatile @Nullable String leftBehind;

        @Bean
        FilterRegistrationBean<jakarta.servlet.Filter> outermost() {
            FilterRegistrationBean<jakarta.servlet.Filter> outermost =
                    new FilterRegistrationBean<>((request, response, chain) -> {
                        chain.doFilter(request, response);
                        leftBehind = MDC.get("contextCause") == null ? leftBehind : MDC.get("contextCause");
                    });
            outermost.setOrder(Ordered.HIGHEST_PRECEDENCE);
            return outermost;
        }
    }

    @RestController
    static class Controller {
        private final App app;
        private final Service service;

        Controller(App app, Service service) {
            this.app = app;
            this.service = service;
        }

        @GetMapping("/mdc")
        String mdc() {
            return String.valueOf(MDC.getCopyOfContextMap());
        }

        @GetMapping("/logs")
        void logs() {
            App.logger.error("of another request");
        }

        @GetMapping("/waits")
        void waits(Context context) throws InterruptedException {
            App.logger.info("begun");
            app.begun.release();
            context.awaitDone();
            App.logger.error("failed");
            context.throwIfDone();
        }

        @GetMapping("/waits/briefly")
        @ContextTimeout("300ms")
        void waitsBriefly(Context context) throws InterruptedException {
            waits(context);
        }

        @GetMapping("/group")
        @ContextTimeout("300ms")
        void group(Context context) throws InterruptedException {
            try (TaskGroup group = TaskGroup.open(context)) {
                group.fork(() -> {
                    app.begun.release();
                    Context.current().awaitDone();
                    App.logger.error("failed");
                    return "failed";
                });
                group.join();
            }
        }

        @GetMapping("/async")
        @ContextTimeout("300ms")
        void async(Context context) throws InterruptedException {
            service.logs();
            context.awaitDone();
        }

        @ExceptionHandler
        void failed(Exception failure) throws Exception {
            App.logger.warn("after the handler");
            throw failure;
        }
    }
}
