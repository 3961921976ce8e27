package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.Deadline;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.TestServer;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where contexts could be lost, mixed up or left behind. */
class RequestContextEdgeTests {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                App.class,
                "context.request.timeout=10s",
                "spring.mvc.async.request-timeout=200ms",
                "spring.task.execution.pool.core-size=1",
                "spring.task.execution.pool.max-size=1");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());
        assertThat(server.bean(App.class).leftBehind).isEmpty();
    }

    @Test
    void aCallableThatOutlivesItsRequestLeavesNothingOnItsThread() throws Exception {
        App app = server.bean(App.class);
        assertThat(server.get("/callable").statusCode()).isEqualTo(503); // the container's own time-out
        await().untilAsserted(
                        () -> assertThat(server.bean(LiveContexts.class).all()).isEmpty());

        app.go.release();

        AsyncTaskExecutor executor = server.application().getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
        CompletableFuture<Boolean> clean = executor.submitCompletable(() -> CurrentContext.get() == null);
        assertThat(clean.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aFailureBehindACommittedResponseLeavesNothingOnTheThreads() throws IOException {
        for (int i = 0; i < 30; i++) {
            try (Socket socket = server.open("GET", "/committed-failure")) {
                socket.setSoTimeout(10_000);
                assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
            }
        }
        for (int i = 0; i < 30; i++) {
            assertThat(server.get("/tenant").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatComesAfterAHandlerInTimeHasNoLimit() {
        assertThat(server.get("/tenant").statusCode()).isEqualTo(200);
        assertThat(server.bean(App.class).afterwardsDeadline).isEqualTo("none");
    }

    @Test
    void aHandlerThatAFilterForwardsToHasItsOwnTimeout() {
        assertThat(server.get("/rewritten").body()).isEqualTo("none");
    }

    @Test
    void theValuesOfAFilterReachTheHandler() {
        assertThat(server.get("/tenant").body()).isEqualTo("acme 10");
        assertThat(server.get("/tenant/patient").body()).isEqualTo("acme 60");
    }

    @Test
    void inheritedHandlersHaveThePolicyOfTheirOwnClass() {
        assertThat(server.get("/quick/limit").body()).isEqualTo("1");
        assertThat(server.get("/patient/limit").body()).isEqualTo("60");
        assertThat(server.get("/quick/limit").body()).isEqualTo("1");
    }

    @Test
    void aStreamThatIsCutDoesNotEndAsIfItWereWhole() throws IOException {
        try (Socket socket = server.open("GET", "/chunks")) {
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isNotNegative();
            socket.shutdownOutput(); // counts as gone, and yet reads on

            String rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(rest).contains("xxxx").doesNotEndWith("\r\n0\r\n\r\n");
        }
    }

    @Test
    void aClientThatHasItsWholeResponseMayLeaveWhileTheHandlerGoesOn() throws Exception {
        App app = server.bean(App.class);
        try (Socket socket = server.open("GET", "/closed-body")) {
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isNotNegative();
            app.closed.acquire();
        }
        // The watcher needs a moment to see the close, if it looks; a later request shows that it has had one.
        try (Socket next = server.open("GET", "/unheard")) {
            app.entered.acquire();
        }
        assertThat(app.left.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        app.go.release();
        await().untilAsserted(() -> assertThat(app.stateAfterClose).isEqualTo("ACTIVE"));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @Import({Quick.class, Patient.class})
    @RestController
    static class App {
        static final Context.Key<String> TENANT = Context.Key.named("tenant");

        final Semaphore go = new Semaphore(0);
        final Semaphore closed = new Semaphore(0);
        final Semaphore entered = new Semaphore(0);
        final Semaphore left = new Semaphore(0);
        final List<Context> leftBehind = new CopyOnWriteArrayList<>();
        volatile String stateAfterClose = "";
        volatile String afterwardsDeadline = "";

        @Bean
        Filter outermost() {
            return new Outermost(this);
        }

        @Bean
        Filter inner() {
            return new Inner(this);
        }

        static String limit(Context context) {
            Deadline deadline = context.deadline();
            return deadline == null ? "none" : Long.toString(deadline.remaining(TimeUnit.SECONDS));
        }

        @GetMapping("/callable")
        Callable<String> callable() {
            return () -> {
                go.acquireUninterruptibly(); // Spring interrupts it at the time-out
                return "late";
            };
        }

        @GetMapping("/committed-failure")
        void committedFailure(HttpServletResponse response) throws IOException {
            response.getOutputStream().write('x');
            response.flushBuffer();
            throw new IllegalStateException("behind a committed response");
        }

        @GetMapping("/tenant")
        String tenant(Context context) {
            return context.get(TENANT) + " " + limit(context);
        }

        @GetMapping("/tenant/patient")
        @ContextTimeout("60s")
        String patientTenant(Context context) {
            return tenant(context);
        }

        @GetMapping("/no-limit")
        @ContextTimeout("none")
        String noLimit(Context context) {
            return limit(context);
        }

        @GetMapping("/chunks")
        void chunks(Context context, HttpServletResponse response) throws IOException, InterruptedException {
            OutputStream out = response.getOutputStream();
            out.write("x".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            awaitDone(context);
            context.throwIfDone();
        }

        @GetMapping("/closed-body")
        void closedBody(Context context, HttpServletResponse response) throws IOException {
            try (OutputStream out = response.getOutputStream()) {
                out.write("x".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
            }
            closed.release();
            go.acquireUninterruptibly();
            stateAfterClose = context.state().toString();
        }

        @GetMapping("/unheard")
        String unheard(Context context) throws InterruptedException {
            entered.release();
            awaitDone(context);
            left.release();
            return "unheard";
        }

        private static void awaitDone(Context context) throws InterruptedException {
            CountDownLatch done = new CountDownLatch(1);
            context.onDone(done::countDown);
            assertThat(done.await(9, TimeUnit.SECONDS)).isTrue();
        }
    }

    abstract static class Limits {
        @GetMapping("limit")
        String limit(Context context) {
            return App.limit(context);
        }
    }

    @RestController
    @RequestMapping("/quick/")
    @ContextTimeout("1s")
    static class Quick extends Limits {}

    @RestController
    @RequestMapping("/patient/")
    @ContextTimeout("60s")
    static class Patient extends Limits {}

    /** Sees what is current on the container's threads before and after our filter. */
    @Order(Ordered.HIGHEST_PRECEDENCE)
    private record Outermost(App app) implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            note();
            chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response) {
                @Override
                public ServletOutputStream getOutputStream() throws IOException {
                    app.afterwardsDeadline = App.limit(Context.current());
                    return super.getOutputStream();
                }
            });
            note();
        }

        private void note() {
            Context current = CurrentContext.get();
            if (current != null) {
                app.leftBehind.add(current);
            }
        }
    }

    /** Rewrites paths, and names the tenant. */
    @Order(0)
    private record Inner(App app) implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            String path = ((HttpServletRequest) request).getRequestURI();
            if (path.equals("/rewritten")) {
                request.getRequestDispatcher("/no-limit").forward(request, response);
            } else if (path.startsWith("/tenant")) {
                try (Context.Scope scope =
                        Context.current().withValue(App.TENANT, "acme").makeCurrent()) {
                    chain.doFilter(request, response);
                }
            } else {
                chain.doFilter(request, response);
            }
        }
    }
}
