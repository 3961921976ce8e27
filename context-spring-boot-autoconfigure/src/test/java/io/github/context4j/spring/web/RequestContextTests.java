package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.Deadline;
import io.github.context4j.DeadlineExceededException;
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
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.web.error.ErrorAttributeOptions;
import org.springframework.boot.webmvc.error.DefaultErrorAttributes;
import org.springframework.boot.webmvc.error.ErrorAttributes;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

class RequestContextTests {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(App.class, "context.request.timeout=300ms", "bounds.long=20s");
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
    void theParameterIsTheCurrentContext() {
        assertThat(server.get("/same").body()).isEqualTo("true");
    }

    @Test
    void theDefaultTimeoutIsTheDeadline() {
        assertThat(Long.parseLong(server.get("/remaining").body())).isBetween(0L, 300L);
    }

    @Test
    void anAnnotationReplacesTheDefaultByALongerTimeout() {
        assertThat(Long.parseLong(server.get("/remaining/long").body())).isBetween(10_000L, 20_000L);
    }

    @Test
    void anAnnotationReplacesTheDefaultByAShorterTimeout() {
        assertThat(Long.parseLong(server.get("/remaining/short").body())).isBetween(0L, 100L);
    }

    @Test
    void anAnnotationReplacesTheDefaultByNone() {
        assertThat(server.get("/remaining/none").body()).isEqualTo("none");
    }

    @Test
    void anUncaughtDeadlineIsAnsweredWithAProblem() {
        HttpResponse<String> response = server.get("/wait");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body())
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Gateway Timeout\",\"status\":504,"
                        + "\"detail\":\"The request took longer than it may.\",\"instance\":\"/wait\"}");
    }

    @Test
    void aFailureThatTheDeadlineCausedIsAnsweredLikewise() {
        assertThat(server.get("/wait/wrapped").statusCode()).isEqualTo(504);
    }

    @Test
    void whatTheHandlerHasWrittenIsReplaced() {
        HttpResponse<String> response = server.get("/wait/written");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.body()).startsWith("{").endsWith("}");
    }

    @Test
    void theBodyIsWrittenUnderAContextThatIsNotDone() {
        assertThat(server.get("/late").statusCode()).isEqualTo(200);
        assertThat(server.bean(App.class).writingState).isEqualTo(Context.State.ACTIVE);
    }

    @Test
    void aFunctionalEndpointIsAnsweredLikewise() {
        assertThat(server.get("/functional").statusCode()).isEqualTo(504);
    }

    @Test
    void aUsersOwnExceptionHandlerWins() {
        HttpResponse<String> response = server.get("/handled");

        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.body()).contains("my own").contains("ACTIVE");
    }

    @Test
    void aHandlerThatReturnedIsDeliveredAlthoughItsDeadlinePassed() {
        HttpResponse<String> response = server.get("/late");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("late but whole");
    }

    @Test
    void aCanceledContextOfTheHandlersOwnIsAnOrdinaryFailure() {
        assertThat(server.get("/own-cancel").statusCode()).isEqualTo(500);
    }

    @Test
    void aDeadlineOfTheHandlersOwnLeavesTheRequestActive() {
        assertThat(server.get("/own-deadline").body()).isEqualTo("ACTIVE");
    }

    @Test
    void aForwardRunsUnderTheSameContext() {
        assertThat(server.get("/forward").body()).isEqualTo("true 300");
    }

    @Test
    void anErrorPageRunsUnderAContextThatIsNotDone() {
        assertThat(server.get("/send-error").statusCode()).isEqualTo(502);
        assertThat(server.bean(App.class).errorPageState).isEqualTo(Context.State.ACTIVE);
    }

    @Test
    void nothingIsLeftOnTheThread() {
        for (int i = 0; i < 50; i++) {
            server.get("/same");
        }
        assertThat(server.bean(App.class).leftBehind).isNull();
    }

    @Test
    void aWrongAnnotationFailsAtStartUp() {
        assertThatThrownBy(() -> TestServer.start(WrongAnnotation.class).close())
                .isInstanceOf(InvalidContextTimeoutException.class)
                .hasMessageContaining("@ContextTimeout(\"-3s\")")
                .hasMessageContaining("never()")
                .hasMessageContaining("expected: a duration > 0");
    }

    @Test
    void withoutUsHandlersGetTheBackgroundContext() {
        try (TestServer plain = TestServer.start(App.class, "context.enabled=false", "bounds.long=20s")) {
            assertThat(plain.get("/same").body()).isEqualTo("true");
            assertThat(plain.get("/remaining").body()).isEqualTo("none");
            assertThat(plain.application().containsBean("context4jFilter")).isFalse();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        volatile Context.@Nullable State errorPageState;
        volatile @Nullable Context leftBehind;
        volatile Context.@Nullable State writingState;

        static void awaitDone(Context context) throws InterruptedException {
            CountDownLatch done = new CountDownLatch(1);
            context.onDone(done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }

        @Bean
        Filter outermost() {
            return new Outermost(this);
        }

        @Bean
        ErrorAttributes errorAttributes() {
            return new DefaultErrorAttributes() {
                @Override
                public Map<String, @Nullable Object> getErrorAttributes(
                        WebRequest request, ErrorAttributeOptions options) {
                    errorPageState = Context.current().state();
                    return super.getErrorAttributes(request, options);
                }
            };
        }

        @GetMapping("/same")
        boolean same(Context context) {
            return context == Context.current();
        }

        private static String remaining(Context context) {
            Deadline deadline = context.deadline();
            return deadline == null ? "none" : Long.toString(deadline.remaining(TimeUnit.MILLISECONDS));
        }

        @GetMapping("/remaining")
        String byDefault(Context context) {
            return remaining(context);
        }

        @GetMapping("/remaining/long")
        @ContextTimeout("${bounds.long}")
        String withLonger(Context context) {
            return remaining(context);
        }

        @GetMapping("/remaining/short")
        @ContextTimeout("100ms")
        String withShorter(Context context) {
            return remaining(context);
        }

        @GetMapping("/remaining/none")
        @ContextTimeout("none")
        String withNone(Context context) {
            return remaining(context);
        }

        @GetMapping("/wait")
        String waits(Context context) throws InterruptedException {
            awaitDone(context);
            context.throwIfDone();
            return "not reached";
        }

        @GetMapping("/wait/written")
        void waitsHavingWritten(Context context, HttpServletResponse response)
                throws InterruptedException, IOException {
            response.getWriter().write("partial");
            waits(context);
        }

        @GetMapping("/wait/wrapped")
        String waitsAndWraps(Context context) throws InterruptedException {
            awaitDone(context);
            throw new IllegalStateException("wrapped", context.exception());
        }

        @Bean
        RouterFunction<ServerResponse> functional() {
            return RouterFunctions.route()
                    .GET("/functional", request -> {
                        Context context = Context.current();
                        awaitDone(context);
                        context.throwIfDone();
                        return ServerResponse.ok().build();
                    })
                    .build();
        }

        @GetMapping("/handled")
        String handled(Context context) throws InterruptedException {
            awaitDone(context);
            throw new MyOwn(context.exception());
        }

        @ExceptionHandler
        ProblemDetail handle(MyOwn failure) {
            ProblemDetail problem = ProblemDetail.forStatus(418);
            problem.setDetail("my own " + Context.current().state());
            return problem;
        }

        @GetMapping("/late")
        String late(Context context) throws InterruptedException {
            awaitDone(context);
            return "late but whole";
        }

        @GetMapping("/own-cancel")
        @ContextTimeout("${bounds.long}")
        String ownCancel(Context context) {
            try (var own = context.withCancel()) {
                own.cancel();
                own.throwIfDone();
            }
            return "not reached";
        }

        @GetMapping("/own-deadline")
        @ContextTimeout("${bounds.long}")
        String ownDeadline(Context context) throws InterruptedException {
            try {
                context.runWithin(Duration.ofMillis(10), () -> {
                    awaitDone(Context.current());
                    Context.current().throwIfDone();
                });
            } catch (DeadlineExceededException expected) {
                return context.state().toString();
            }
            return "not reached";
        }

        @GetMapping("/forward")
        @ContextTimeout("${bounds.long}")
        ModelAndView forward(Context context, HttpServletRequest request) {
            request.setAttribute("first", context);
            return new ModelAndView("forward:/forwarded");
        }

        @GetMapping("/forwarded")
        String forwarded(Context context, HttpServletRequest request) {
            return (request.getAttribute("first") == context) + " " + (context.deadline() == null ? "none" : "300");
        }

        @GetMapping("/send-error")
        void sendError(Context context, HttpServletResponse response) throws InterruptedException, IOException {
            awaitDone(context);
            response.sendError(502);
        }
    }

    static final class MyOwn extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MyOwn(@Nullable Throwable cause) {
            super(cause);
        }
    }

    /** Sees what is current on the container's thread before and after our filter. */
    @Order(Ordered.HIGHEST_PRECEDENCE)
    private record Outermost(App app) implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response) {
                @Override
                public ServletOutputStream getOutputStream() throws IOException {
                    app.writingState = Context.current().state();
                    return super.getOutputStream();
                }
            });
            if (CurrentContext.get() != null) {
                app.leftBehind = CurrentContext.get();
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class WrongAnnotation {
        @GetMapping("/never")
        @ContextTimeout("-3s")
        void never() throws CanceledException {}
    }
}
