package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.Context;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestPostgres;
import io.github.context4j.spring.testing.TestServer;
import io.github.context4j.spring.web.ContextTimeout;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Profile;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.ProblemDetail;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** The outcome table of docs/design.md, row by row. */
class OutcomeTableTests {
    private static final String NAME = "OutcomeTableTests";

    @TempDir
    static Path accessLog;

    private static TestServer server;
    private LogEvents log;

    @BeforeAll
    static void start() {
        server = start("table");
    }

    private static TestServer start(String profile, String... more) {
        return TestServer.start(
                App.class,
                Stream.concat(
                                Stream.of(
                                        "spring.profiles.active=" + profile,
                                        "spring.datasource.url=" + TestPostgres.url(NAME),
                                        "spring.datasource.username=" + TestPostgres.user(),
                                        "spring.datasource.password=" + TestPostgres.password(),
                                        "context.dependencies.db.timeout=1s",
                                        "context.dependencies.long.timeout=60s",
                                        "server.tomcat.accesslog.enabled=true",
                                        "server.tomcat.accesslog.buffered=false",
                                        "server.tomcat.accesslog.pattern=%U %s",
                                        "server.tomcat.accesslog.directory=" + accessLog.resolve(profile)),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void captureLog() {
        log = LogEvents.capture();
    }

    /** An application that starts configures logging anew. */
    private void captureLogAnew() {
        releaseLog();
        captureLog();
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    @Test
    void aClientThatLeftIsCanceledAndAnsweredToNobody() throws Exception {
        leaveOnceQueryRuns("/gone");

        assertEnded("/gone", 499, "canceled", "client_disconnected");
        assertDependencyCall("long", "canceled");
        assertThat(log.at(Level.WARN)).isEmpty();
        assertThat(log.at(Level.ERROR)).isEmpty();
        assertThat(log.at(Level.DEBUG)).anyMatch(line -> line.startsWith("GET /gone: context canceled: client disc"));
        assertThat(server.bean(App.class).failure)
                .isInstanceOf(DataAccessException.class)
                .isNotInstanceOf(TransientDataAccessException.class);
    }

    @Test
    void aRequestDeadlineIsAGatewayTimeout() throws Exception {
        HttpResponse<String> response = server.get("/deadline");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertEnded("/deadline", 504, "deadline_exceeded", "request_timeout");
        assertDependencyCall("long", "deadline_exceeded");
        assertOneWarning("GET /deadline: context deadline exceeded: request time-out of 300 ms; answered 504");
        assertThat(server.bean(App.class).failure).isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void aDependencyTimeoutThatNobodyCatchesIsAGatewayTimeout() throws Exception {
        assertThat(server.get("/dependency").statusCode()).isEqualTo(504);

        assertEnded("/dependency", 504, "completed", "none");
        assertDependencyCall("db", "deadline_exceeded");
        assertOneWarning(
                "GET /dependency: context deadline exceeded: time-out of 1000 ms of dependency db; answered 504");
        assertThat(server.bean(App.class).failure).isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void aDependencyTimeoutThatIsCaughtLeavesTheRequestActive() throws Exception {
        HttpResponse<String> response = server.get("/fallback");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("fall-back ACTIVE 1");
        assertEnded("/fallback", 200, "completed", "none");
        assertDependencyCall("db", "deadline_exceeded");
        assertThat(log.at(Level.WARN)).isEmpty();
    }

    @Test
    void anOrdinaryFailureIsAsItWasWithoutUs() throws Exception {
        assertThat(server.get("/failure").statusCode()).isEqualTo(500);

        assertEnded("/failure", 500, "completed", "none");
        assertThat(log.at(Level.WARN)).isEmpty();
        assertThat(log.at(Level.ERROR)).hasSize(1);
    }

    @Test
    void aHandlerThatReturnedIsDeliveredAndCountsAsItsContextSaid() throws Exception {
        assertThat(server.get("/late").statusCode()).isEqualTo(200);

        assertEnded("/late", 200, "deadline_exceeded", "request_timeout");
        assertThat(log.at(Level.WARN)).isEmpty();
    }

    @Test
    void theEndOfTheGracePeriodIsServiceUnavailable() throws Exception {
        TestServer stopping = start("stopping", "context.shutdown.grace-period=300ms");
        captureLogAnew();
        CompletableFuture<HttpResponse<String>> response = CompletableFuture.supplyAsync(() -> stopping.get("/gone"));
        awaitQuery();

        stopping.close();

        HttpResponse<String> answer = response.get(10, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Connection")).hasValue("close");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(accessLog("stopping")).contains("/gone 503");
        assertThat(log.at(Level.INFO))
                .contains("GET /gone: context canceled: shutdown, grace period of 300 ms is over; answered 503");
        assertThat(log.at(Level.ERROR)).isEmpty();
    }

    @Test
    void aUsersOwnExceptionHandlerWinsForEveryRow() throws Exception {
        try (TestServer own = start("own")) {
            captureLogAnew();
            for (String path : List.of("/deadline", "/dependency", "/failure")) {
                HttpResponse<String> response = own.get(path);
                assertThat(response.statusCode()).as(path).isEqualTo(418);
                assertThat(response.body()).as(path).contains("ACTIVE");
            }
        }
        assertThat(log.at(Level.ERROR)).isEmpty();
    }

    private static void leaveOnceQueryRuns(String path) throws Exception {
        try (Socket socket = server.open("GET", path)) {
            awaitQuery();
        }
    }

    private static void awaitQuery() {
        await().until(() -> TestPostgres.activeQueries(NAME) > 0);
    }

    private void assertEnded(String path, int status, String outcome, String cause) throws IOException {
        await().untilAsserted(() -> assertThat(server.bean(App.class).ended)
                .as("context.requests of " + path)
                .containsExactly(outcome + " " + cause));
        await().untilAsserted(() -> {
            assertThat(accessLog("table")).contains(path + " " + status);
            assertThat(server.count("http.server.requests", "uri", path, "status", Integer.toString(status)))
                    .isEqualTo(1);
        });
        assertThat(server.count("context.requests", "outcome", outcome, "cause", cause))
                .isPositive();
        await().untilAsserted(() -> assertThat(TestPostgres.activeQueries(NAME)).isZero());
    }

    private static void assertDependencyCall(String dependency, String outcome) {
        assertThat(server.count("context.dependency.calls", "dependency", dependency, "outcome", outcome))
                .isPositive();
    }

    private void assertOneWarning(String message) {
        assertThat(log.at(Level.WARN)).containsExactly(message);
        assertThat(log.hasStackTraceAt(Level.WARN)).isFalse();
        assertThat(log.at(Level.ERROR)).isEmpty();
    }

    private static String accessLog(String profile) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(accessLog.resolve(profile))) {
            for (Path file : files.toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    @BeforeEach
    void forget() {
        server.bean(App.class).ended.clear();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(OwnAdvice.class)
    @RestController
    static class App {
        final List<String> ended = new CopyOnWriteArrayList<>();
        private final JdbcTemplate jdbc;
        private final Dependencies dependencies;
        volatile Throwable failure = new Throwable("none");

        App(HikariDataSource dataSource, Dependencies dependencies) {
            this.jdbc = new JdbcTemplate(dataSource);
            this.dependencies = dependencies;
        }

        @Bean
        static ContextObserver endings(ObjectProvider<App> app) {
            return new ContextObserver() {
                @Override
                public void requestEnded(Outcome outcome, @Nullable Throwable cause, Duration duration) {
                    app.getObject().ended.add(outcome.tag() + " " + ContextEndedReason.tagOf(cause));
                }
            };
        }

        private String sleep(String marker) {
            try {
                jdbc.queryForList("select pg_sleep(30) /* " + marker + " */");
                return "slept";
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
        }

        @GetMapping("/gone")
        String gone() {
            return dependencies.call("long", () -> sleep("gone"));
        }

        @GetMapping("/deadline")
        @ContextTimeout("300ms")
        String deadline() {
            return dependencies.call("long", () -> sleep("deadline"));
        }

        @GetMapping("/dependency")
        String dependency() {
            return sleep("dependency");
        }

        @GetMapping("/fallback")
        String fallback(Context context) {
            try {
                return sleep("fallback");
            } catch (QueryTimeoutException e) {
                return "fall-back " + context.state() + " " + jdbc.queryForObject("select 1", Integer.class);
            }
        }

        @GetMapping("/failure")
        String failure() {
            throw new IllegalStateException("ordinary");
        }

        @GetMapping("/late")
        @ContextTimeout("50ms")
        String late(Context context) throws InterruptedException {
            CountDownLatch done = new CountDownLatch(1);
            context.onDone(done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            return "late but whole";
        }
    }

    @RestControllerAdvice
    @Profile("own")
    static class OwnAdvice {
        @ExceptionHandler(Exception.class)
        ProblemDetail handle(Exception failure) {
            ProblemDetail problem = ProblemDetail.forStatus(418);
            problem.setDetail(Context.current().state().toString());
            return problem;
        }
    }
}
