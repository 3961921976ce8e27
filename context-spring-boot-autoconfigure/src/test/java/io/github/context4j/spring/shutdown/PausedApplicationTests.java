package io.github.context4j.spring.shutdown;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.ShutdownException;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.testing.TestServer;
import io.github.context4j.spring.web.ContextTimeout;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTestContextBootstrapper;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.CacheAwareContextLoaderDelegate;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.cache.ContextCache;
import org.springframework.test.context.cache.DefaultCacheAwareContextLoaderDelegate;
import org.springframework.test.context.cache.DefaultContextCache;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Applications that Spring's test cache pauses between test classes. Their servers go on to listen meanwhile. */
@Timeout(120)
class PausedApplicationTests {
    private static final Executor THREADS = task -> new Thread(task).start();
    private static final String[] PROPERTIES = {
        "context.shutdown.grace-period=500ms",
        "context.zombies.after=100ms",
        "server.port=0",
        "server.address=127.0.0.1"
    };

    private static long canceled(ServletWebServerApplicationContext application, String cause) {
        Timer timer = application
                .getBean(MeterRegistry.class)
                .find("context.requests")
                .tags("cause", cause)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    /** Opens a connection, sends a request, and closes the connection when the handler has begun. */
    @SuppressWarnings("AddressSelection") // the loopback address is meant
    private static void leave(ServletWebServerApplicationContext application) throws Exception {
        long before = canceled(application, "client_disconnected");
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(),
                requireNonNull(application.getWebServer()).getPort())) {
            socket.getOutputStream()
                    .write("GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            awaitBegun(application);
        }
        await().until(() -> canceled(application, "client_disconnected") == before + 1);
    }

    private static void awaitBegun(ServletWebServerApplicationContext application) throws InterruptedException {
        assertThat(application.getBean(App.class).begun.tryAcquire(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void whatIsPausedAndResumedWorksAsBefore() throws Exception {
        TestServer server = TestServer.start(App.class, PROPERTIES);
        ServletWebServerApplicationContext application = server.application();
        ShutdownContexts contexts = server.bean(ShutdownContexts.class);
        Context serving = contexts.serving();
        Context grace = contexts.grace();
        leave(application);

        for (int i = 0; i < 2; i++) {
            application.pause();
            assertThat(application.isRunning()).isFalse();
            assertThat(server.get("/ping").body()).isEqualTo("pong");
            application.restart();

            assertThat(serving.isDone()).as("nothing has stopped").isFalse();
            assertThat(contexts.serving()).isSameAs(serving);
            assertThat(contexts.grace()).isSameAs(grace);
            leave(application);
            assertThat(server.get("/late").statusCode()).isEqualTo(504);
        }
        assertThatZombiesAreSeen(server);

        var waits = CompletableFuture.supplyAsync(() -> server.get("/waits"), THREADS);
        awaitBegun(application);
        server.close();
        assertThat(waits.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        assertThat(serving.cause()).isInstanceOf(ShutdownException.class);
        assertThat(grace.cause()).isInstanceOf(ShutdownException.class);
    }

    private static void assertThatZombiesAreSeen(TestServer server) throws Exception {
        Zombies zombies = server.bean(Zombies.class);
        var ignores = CompletableFuture.supplyAsync(() -> server.get("/ignores"), THREADS);
        awaitBegun(server.application());
        await().until(() -> zombies.requests().count() == 1);
        server.bean(App.class).release.countDown();
        assertThat(ignores.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        await().until(() -> zombies.requests().count() == 0);
    }

    /** What is under way when the application is paused goes on. */
    @Test
    void aPauseCancelsNothing() throws Exception {
        try (TestServer server = TestServer.start(App.class, PROPERTIES)) {
            CompletableFuture<HttpResponse<String>> release =
                    CompletableFuture.supplyAsync(() -> server.get("/release"), THREADS);
            awaitBegun(server.application());
            server.application().pause();
            server.bean(App.class).release.countDown();

            assertThat(release.get(30, TimeUnit.SECONDS).body()).isEqualTo("ACTIVE");
        }
    }

    /** As after {@code restart()} without a pause, which stops everything, too. */
    @Test
    void aRestartOfARunningApplicationStopsWhatWasThere() throws Exception {
        try (TestServer server = TestServer.start(App.class, PROPERTIES)) {
            Context serving = server.bean(ShutdownContexts.class).serving();
            server.application().restart();

            assertThat(server.bean(ShutdownContexts.class).serving().isDone()).isFalse();
            assertThat(server.bean(ShutdownContexts.class).serving() == serving).isEqualTo(!serving.isDone());
            leave(server.application());
        }
    }

    @Test
    void testClassesThatShareAPausedApplicationWork() throws Exception {
        ServletWebServerApplicationContext first = runTestClass(First.class);
        assertThat(first.isRunning()).isFalse();
        ServletWebServerApplicationContext other = runTestClass(Other.class);
        ServletWebServerApplicationContext second = runTestClass(Second.class);

        assertThat(second).isSameAs(first);
        assertThat(second).isNotSameAs(other);
        assertThat(canceled(second, "client_disconnected")).isEqualTo(2);
        ShutdownContexts contexts = second.getBean(ShutdownContexts.class);
        assertThat(contexts.serving().isDone()).isFalse();
        PausingBootstrapper.CACHE.clear();
        first.close();
        other.close();
        assertThat(contexts.grace().isDone()).isTrue();
    }

    private static ServletWebServerApplicationContext runTestClass(Class<?> type) throws Exception {
        TestContextManager manager = new TestContextManager(type);
        manager.beforeTestClass();
        manager.prepareTestInstance(type.getDeclaredConstructor().newInstance());
        var application =
                (ServletWebServerApplicationContext) manager.getTestContext().getApplicationContext();
        assertThat(application.isRunning()).isTrue();
        leave(application);
        manager.afterTestClass();
        return application;
    }

    static final class PausingBootstrapper extends SpringBootTestContextBootstrapper {
        static final ContextCache CACHE = new DefaultContextCache(3, ContextCache.PauseMode.ALWAYS);

        @Override
        protected CacheAwareContextLoaderDelegate getCacheAwareContextLoaderDelegate() {
            return new DefaultCacheAwareContextLoaderDelegate(CACHE);
        }
    }

    @BootstrapWith(PausingBootstrapper.class)
    @SpringBootTest(
            classes = App.class,
            webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
            properties = {"server.address=127.0.0.1", "spring.main.banner-mode=off"})
    static class First {}

    @BootstrapWith(PausingBootstrapper.class)
    @SpringBootTest(
            classes = App.class,
            webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
            properties = {"server.address=127.0.0.1", "spring.main.banner-mode=off"})
    static class Second {}

    @BootstrapWith(PausingBootstrapper.class)
    @SpringBootTest(
            classes = App.class,
            webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
            properties = "server.address=127.0.0.1")
    static class Other {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        final Semaphore begun = new Semaphore(0);
        final CountDownLatch release = new CountDownLatch(1);

        @GetMapping("/ping")
        String ping() {
            return "pong";
        }

        @GetMapping("/waits")
        void waits(Context context) throws InterruptedException {
            begun.release();
            context.awaitDone();
            context.throwIfDone();
        }

        @GetMapping("/late")
        @ContextTimeout("50ms")
        void late(Context context) throws InterruptedException {
            context.awaitDone();
            context.throwIfDone();
        }

        @GetMapping("/ignores")
        @ContextTimeout("50ms")
        void ignores() throws InterruptedException, IOException {
            begun.release();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
        }

        @GetMapping("/release")
        String release(Context context) throws InterruptedException {
            begun.release();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
            return context.state().toString();
        }
    }
}
