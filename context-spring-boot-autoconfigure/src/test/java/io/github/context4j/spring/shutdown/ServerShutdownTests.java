package io.github.context4j.spring.shutdown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.shutdown.ShutdownApplication.State;
import io.github.context4j.spring.testing.TestPostgres;
import io.github.context4j.spring.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Servers that stop while requests are under way. */
@Timeout(120)
class ServerShutdownTests {
    private static final String NAME = "ServerShutdownTests";
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Executor THREADS = task -> new Thread(task).start();
    private static final String CANCELED = "context canceled: shutdown, grace period of %d ms is over; [1]";

    private static TestServer start(String... properties) {
        return TestServer.start(
                ShutdownApplication.class,
                Stream.concat(
                                Stream.of(
                                        "spring.datasource.url=" + TestPostgres.url(NAME),
                                        "spring.datasource.username=" + TestPostgres.user(),
                                        "spring.datasource.password=" + TestPostgres.password()),
                                Stream.of(properties))
                        .toArray(String[]::new));
    }

    @AfterEach
    void noSessionIsLeft() {
        await().untilAsserted(() -> assertThat(TestPostgres.sessions(NAME)).isZero());
    }

    /** Sends a request, and waits until its handler has begun. */
    private static CompletableFuture<HttpResponse<String>> begin(TestServer server, String path) throws Exception {
        CompletableFuture<HttpResponse<String>> response =
                CompletableFuture.supplyAsync(() -> server.get(path), THREADS);
        assertThat(server.bean(State.class).begun.tryAcquire(20, TimeUnit.SECONDS))
                .isTrue();
        return response;
    }

    private static Duration close(TestServer server) {
        long begun = System.nanoTime();
        server.close();
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static HttpResponse<String> answer(CompletableFuture<HttpResponse<String>> response) throws Exception {
        return response.get(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomcat", "jetty"})
    void whatIsUnderWayHasTheGracePeriodAndIsCanceledThen(String profile) throws Exception {
        TestServer server = start("spring.profiles.active=" + profile, "context.shutdown.grace-period=" + GRACE);
        State state = server.bean(State.class);
        ShutdownContexts contexts = server.bean(ShutdownContexts.class);
        var finishes = begin(server, "/finishes");
        var query = begin(server, "/query");
        var callable = begin(server, "/callable");
        var sse = begin(server, "/sse");
        answer(begin(server, "/async"));

        var closed = CompletableFuture.supplyAsync(() -> close(server), THREADS);
        contexts.serving().awaitDone();
        assertThat(contexts.grace().isDone()).isFalse();
        state.release.countDown();

        assertThat(answer(finishes).statusCode()).isEqualTo(200);
        assertUnavailable(answer(query));
        assertUnavailable(answer(callable));
        assertThatThrownBy(() -> answer(sse))
                .as("a stream that is cut has no end")
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(closed.get(60, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(GRACE);
        String canceled = CANCELED.formatted(GRACE.toMillis());
        assertThat(state.ends).containsEntry("query", canceled).containsEntry("async", canceled);
    }

    private static void assertUnavailable(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Connection")).hasValue("close");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomcat", "jetty"})
    void theGracePeriodEndsEarlyWhenNothingIsLeft(String profile) throws Exception {
        TestServer server = start("spring.profiles.active=" + profile, "context.shutdown.grace-period=60s");
        var finishes = begin(server, "/finishes");
        ShutdownContexts contexts = server.bean(ShutdownContexts.class);
        State state = server.bean(State.class);

        var closed = CompletableFuture.supplyAsync(() -> close(server), THREADS);
        contexts.serving().awaitDone();
        state.release.countDown();

        assertThat(answer(finishes).statusCode()).isEqualTo(200);
        assertThat(closed.get(60, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(30));
        assertThat(contexts.grace().isDone()).isTrue();
    }

    /** Spring Boot would close the connections after 300 ms. */
    @Test
    void theServerWaitsForTheGracePeriodThatIsSet() throws Exception {
        TestServer server =
                start("context.shutdown.grace-period=1500ms", "spring.lifecycle.timeout-per-shutdown-phase=300ms");
        var query = begin(server, "/query");

        assertThat(close(server)).isGreaterThanOrEqualTo(Duration.ofMillis(1_500));

        assertUnavailable(answer(query));
    }

    @Test
    void theGracePeriodIsWithinTheTimeOutOfThePhaseThatIsSetAndWhoIgnoresItIsInterrupted() throws Exception {
        TestServer server = start("spring.lifecycle.timeout-per-shutdown-phase=1s");
        State state = server.bean(State.class);
        var ignores = begin(server, "/ignores");
        var query = begin(server, "/query");

        assertThat(close(server)).isLessThan(Duration.ofSeconds(30));

        assertUnavailable(answer(query));
        assertThat(state.ends).containsEntry("query", CANCELED.formatted(900));
        assertThat(ignores).failsWithin(Duration.ofSeconds(30));
        await().untilAsserted(() -> assertThat(state.ends).containsEntry("ignores", "interrupted"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomcat", "jetty"})
    void aServerThatStopsImmediatelyCancelsAtOnceAndAnswers(String profile) throws Exception {
        TestServer server = start("spring.profiles.active=" + profile, "server.shutdown=immediate");
        State state = server.bean(State.class);
        var query = begin(server, "/query");

        assertThat(close(server)).isLessThan(Duration.ofSeconds(20));

        assertUnavailable(answer(query));
        assertThat(state.ends).containsEntry("query", CANCELED.formatted(0));
    }

    @Test
    void aServerThatStopsImmediatelyGivesTheGracePeriodThatIsSet() throws Exception {
        TestServer server = start("server.shutdown=immediate", "context.shutdown.grace-period=60s");
        var finishes = begin(server, "/finishes");
        ShutdownContexts contexts = server.bean(ShutdownContexts.class);
        State state = server.bean(State.class);

        var closed = CompletableFuture.supplyAsync(() -> close(server), THREADS);
        contexts.serving().awaitDone();
        assertThat(server.get("/ping").body()).as("as long as it waits").isEqualTo("pong");
        state.release.countDown();

        assertThat(answer(finishes).statusCode()).isEqualTo(200);
        assertThat(closed.get(60, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(30));
    }

    /** Without the header Connection, for a client takes a response with one for malformed. The client of older JDKs gives up at GOAWAY. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_25)
    void whatIsCanceledOverHttp2IsAnsweredToo() throws Exception {
        TestServer server = start("server.http2.enabled=true", "context.shutdown.grace-period=500ms");
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        client.send(server.request("/ping").build(), BodyHandlers.ofString()); // upgrades the connection
        var query = client.sendAsync(server.request("/query").build(), BodyHandlers.ofString());
        assertThat(server.bean(State.class).begun.tryAcquire(20, TimeUnit.SECONDS))
                .isTrue();

        close(server);

        HttpResponse<String> response = answer(query);
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Connection")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWorkerThatWaitsForTheEndOfServingIsStopped(boolean enabled) throws Exception {
        TestServer server = start("spring.profiles.active=worker", "context.enabled=" + enabled);

        var closed = CompletableFuture.supplyAsync(() -> close(server), THREADS);

        assertThat(closed.get(60, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aWorkerEndsWithAStopOrAPauseToo() throws Exception {
        try (TestServer server = start("spring.profiles.active=worker")) {
            var stopped = CompletableFuture.runAsync(
                    () -> {
                        server.application().pause();
                        server.application().restart();
                        server.application().stop();
                        server.application().start();
                    },
                    THREADS);

            stopped.get(60, TimeUnit.SECONDS);
            assertThat(server.bean(ShutdownContexts.class).serving().isDone()).isFalse();
        }
    }

    /** As in a WAR, whose server stops before the application does, and with tasks on virtual threads. */
    @Test
    void whatNobodyWaitsForIsCanceledWhileThereIsAPool() throws Exception {
        TestServer server = start();
        JdbcTemplate jdbc = server.bean(JdbcTemplate.class);
        ShutdownContexts contexts = server.bean(ShutdownContexts.class);
        CompletableFuture<Void> task = CompletableFuture.runAsync(
                () -> contexts.grace().run(() -> jdbc.queryForList("select pg_sleep(60)")), THREADS);
        await().until(() -> TestPostgres.sleeping(NAME) == 1);

        assertThat(close(server)).isLessThan(Duration.ofSeconds(20));

        assertThat(TestPostgres.sleeping(NAME)).isZero();
        assertThat(task)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withStackTraceContaining("shutdown, nothing waits for this any longer");
    }

    /** Such an executor waits when it is destroyed, after all phases. */
    @Test
    void aTaskThatItsExecutorWaitsForIsLeftToIt() throws Exception {
        TestServer server = start(
                "spring.task.execution.shutdown.await-termination=true",
                "spring.task.execution.shutdown.await-termination-period=30s");
        State state = server.bean(State.class);
        answer(begin(server, "/async/finishes"));

        close(server);

        assertThat(state.ends).containsEntry("async", "finished");
    }

    /** Nobody writes to it any more, which is how it would end. */
    @Test
    void anEmitterThatItsClientLeftEndsWithTheGracePeriod() throws Exception {
        TestServer server = start("context.shutdown.grace-period=500ms");
        LiveContexts requests = server.bean(LiveContexts.class);
        try (Socket leaving = server.open("GET", "/abandoned")) {
            assertThat(leaving.getInputStream().read()).isGreaterThan(0);
        }
        assertThat(server.bean(State.class).begun.tryAcquire(20, TimeUnit.SECONDS))
                .isTrue();

        assertThat(close(server)).isLessThan(Duration.ofSeconds(20)); // the phase has 30 s
        assertThat(requests.all()).isEmpty();
    }

    /** No request holds up the server's phase: executors wait in one of their own, for 300 ms as far as Spring Boot goes. */
    @Test
    void aTaskThatIsAloneHasTheGracePeriodToo() throws Exception {
        TestServer server =
                start("context.shutdown.grace-period=1500ms", "spring.lifecycle.timeout-per-shutdown-phase=300ms");
        State state = server.bean(State.class);
        answer(begin(server, "/async"));

        assertThat(close(server)).isGreaterThanOrEqualTo(Duration.ofMillis(1_500));

        assertThat(state.ends).containsEntry("async", CANCELED.formatted(1_500));
    }

    @Test
    void theOtherApplicationOfTheSameProcessGoesOn() throws Exception {
        TestServer one = start("context.shutdown.grace-period=100ms");
        try (TestServer other = start()) {
            var finishes = begin(other, "/finishes");
            close(one);

            assertThat(other.bean(ShutdownContexts.class).serving().isDone()).isFalse();
            other.bean(State.class).release.countDown();
            assertThat(answer(finishes).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anApplicationThatIsStoppedAndStartedServesUnderContextsOfItsOwn() {
        try (TestServer server = start("context.shutdown.grace-period=100ms")) {
            server.application().stop();
            server.application().start();

            assertThat(server.bean(ShutdownApplication.Early.class).seen)
                    .hasSize(4)
                    .containsOnly(Context.State.ACTIVE);
            assertThat(server.get("/ping").body()).isEqualTo("pong");
        }
    }
}
