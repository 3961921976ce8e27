package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.context4j.Context;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestServer;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.AsyncConfigurer;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What is logged of {@code @Async} methods without a result. */
class CanceledAsyncMethodTests {
    private @Nullable TestServer server;
    private @Nullable LogEvents capture;

    private TestServer start(Class<?> application, String... properties) {
        TestServer started = TestServer.start(application, properties);
        server = started;
        capture = LogEvents.capture();
        return started;
    }

    private LogEvents log() {
        return requireNonNull(capture);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            log().close();
            server.close();
        }
    }

    private static void begin(TestServer server, String path) throws InterruptedException {
        assertThat(server.get(path).statusCode()).isEqualTo(200);
        assertThat(server.bean(Service.class).begun().tryAcquire(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void oneThatShutdownCancelsIsOneLineWithoutAStackTrace() throws Exception {
        TestServer server = start(App.class, "context.shutdown.grace-period=50ms");
        begin(server, "/waits");
        server.bean(ShutdownContexts.class).stop();

        await().untilAsserted(() -> assertThat(log().at(Level.INFO))
                .contains("Service.untilDone: context canceled: shutdown, grace period of 50 ms is over"));
        assertThat(log().at(Level.ERROR)).isEmpty();
        assertThat(log().hasStackTraceAt(Level.INFO)).isFalse();
    }

    @Test
    void oneThatEndsWithItsRequestsDeadlineIsAWarning() throws Exception {
        TestServer server = start(App.class, "context.async.cancellation=true", "context.request.timeout=300ms");
        begin(server, "/waits/with");

        await().untilAsserted(() -> assertThat(log().at(Level.WARN))
                .anyMatch(line -> line.startsWith("Service.untilDone: context deadline exceeded")));
        assertThat(log().at(Level.ERROR)).isEmpty();
    }

    @Test
    void otherFailuresAreErrorsAsEver() throws Exception {
        TestServer server = start(App.class);
        begin(server, "/fails");
        begin(server, "/late");

        await().untilAsserted(() -> assertThat(log().at(Level.ERROR))
                .hasSize(2)
                .allMatch(line -> line.startsWith("Unexpected exception occurred invoking async method")));
        assertThat(log().hasStackTraceAt(Level.ERROR)).isTrue();
    }

    @Test
    void anApplicationThatHandlesThemIsToldOfAll() throws Exception {
        TestServer server = start(Handling.class, "context.shutdown.grace-period=50ms");
        begin(server, "/fails");
        begin(server, "/waits");
        server.bean(ShutdownContexts.class).stop();

        await().untilAsserted(() -> assertThat(server.bean(Handling.class).failures)
                .containsExactly("mine", "context canceled: shutdown, grace period of 50 ms is over"));
        assertThat(server.bean(Made.class)).isNotNull();
    }

    @Test
    void switchedOffItIsSpringsAffair() {
        TestServer server = start(App.class, "context.enabled=false");

        assertThat(server.application().getBeansOfType(AsyncConfigurer.class).values())
                .isNotEmpty()
                .noneMatch(configurer -> configurer.getClass().getName().startsWith("io.github"));
    }

    static class Service {
        private final Semaphore begun = new Semaphore(0);

        public Semaphore begun() {
            return begun;
        }

        @Async
        public void untilDone() throws InterruptedException {
            begun.release();
            Context.current().awaitDone();
            Context.current().throwIfDone();
        }

        @Async
        public void fails() {
            begun.release();
            throw new IllegalStateException("mine");
        }

        @Async
        public void late() throws InterruptedException {
            begun.release();
            Context.current().runWithin(Duration.ofMillis(1), () -> {
                Context.current().awaitDone();
                Context.current().throwIfDone();
            });
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @EnableAsync
    @Import({Service.class, Controller.class})
    static class App {}

    record Made() {}

    /** One that makes beans, too. */
    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class Handling implements AsyncUncaughtExceptionHandler {
        final List<String> failures = new CopyOnWriteArrayList<>();

        @Bean
        Made made() {
            return new Made();
        }

        @Bean
        AsyncConfigurer handling() {
            return new AsyncConfigurer() {
                @Override
                public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
                    return Handling.this;
                }
            };
        }

        @Override
        public void handleUncaughtException(Throwable failure, Method method, @Nullable Object... arguments) {
            failures.add(String.valueOf(failure.getMessage()));
        }
    }

    @RestController
    static class Controller {
        private final Service service;

        Controller(Service service) {
            this.service = service;
        }

        @GetMapping("/waits")
        void waits() throws InterruptedException {
            service.untilDone();
        }

        @GetMapping("/waits/with")
        void waitsWith(Context context) throws InterruptedException {
            service.untilDone();
            context.awaitDone();
        }

        @GetMapping("/fails")
        void fails() {
            service.fails();
        }

        @GetMapping("/late")
        void late() throws InterruptedException {
            service.late();
        }
    }
}
