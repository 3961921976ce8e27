package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.testing.TestServer;
import io.github.context4j.spring.web.ContextTimeout;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an operator sees of requests over HTTP, and can do about them. */
@Timeout(120)
class OperatorTests {
    private static final Executor THREADS = task -> new Thread(task).start();
    private static final String EXPOSED = "management.endpoints.web.exposure.include=contexts";

    private static CompletableFuture<HttpResponse<String>> begin(TestServer server, String path) {
        return CompletableFuture.supplyAsync(() -> server.get(path), THREADS);
    }

    private static JsonNode contexts(TestServer server, String query) {
        HttpResponse<String> response = server.get("/actuator/contexts" + query);
        assertThat(response.statusCode()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    private static long onlyOne(TestServer server) {
        await().until(() -> contexts(server, "").get("total").asInt() == 1);
        return contexts(server, "").get("contexts").get(0).get("id").asLong();
    }

    private static HttpResponse<String> delete(TestServer server, long id) {
        return server.send(server.request("/actuator/contexts/" + id).DELETE().build());
    }

    @Test
    void aHandlerThatIgnoresItsContextIsShownUntilItEnds() throws Exception {
        try (TestServer server = TestServer.start(App.class, EXPOSED, "context.zombies.after=200ms")) {
            var ignores = begin(server, "/ignores");

            await().untilAsserted(() -> {
                JsonNode shown = contexts(server, "?zombie=true");
                assertThat(shown.get("total").asInt()).isEqualTo(1);
                JsonNode row = shown.get("contexts").get(0);
                assertThat(row.get("name").asString()).isEqualTo("GET /ignores");
                assertThat(row.get("cause").asString()).isEqualTo("request_timeout");
                assertThat(row.get("thread").asString()).contains("exec");
                assertThat(row.get("overdueMillis").asLong()).isGreaterThanOrEqualTo(200);
                assertThat(zombies(server)).isEqualTo(1);
            });
            server.bean(App.class).release.countDown();

            assertThat(ignores.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            await().untilAsserted(() -> {
                assertThat(contexts(server, "?zombie=true").get("total").asInt())
                        .isZero();
                assertThat(zombies(server)).isZero();
            });
        }
    }

    private static double zombies(TestServer server) {
        return server.bean(MeterRegistry.class)
                .get("context.zombies")
                .tag("dependency", "request")
                .gauge()
                .value();
    }

    /** What writes JSON refuses to go much deeper, when half of the answer is on its way. */
    @Test
    void theAnswerIsWholeHoweverDeepTheTreeOfContexts() throws Exception {
        try (TestServer server = TestServer.start(App.class, EXPOSED)) {
            var deep = begin(server, "/deep");
            App app = server.bean(App.class);
            assertThat(app.begun.await(20, TimeUnit.SECONDS)).isTrue();

            JsonNode row = contexts(server, "?limit=1000").get("contexts").get(0);
            assertThat(row.get("name").asString()).isEqualTo("GET /deep");
            assertThat(row.get("moreDerived").asBoolean()).isTrue();
            app.release.countDown();
            assertThat(deep).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    /** As after an upload that takes longer than the default, which is read before the handler is known. */
    @Test
    void aHandlerWithMoreTimeThanWasSpentBeforeIsNotOverdue() throws Exception {
        try (TestServer server =
                TestServer.start(App.class, EXPOSED, "context.zombies.after=1ms", "context.request.timeout=50ms")) {
            var unlimited = begin(server, "/unlimited?late");
            App app = server.bean(App.class);
            assertThat(app.begun.await(20, TimeUnit.SECONDS)).isTrue();

            JsonNode row = contexts(server, "?name=unlimited").get("contexts").get(0);
            assertThat(row.get("state").asString()).isEqualTo("ACTIVE");
            assertThat(row.get("overdueMillis").isNull()).isTrue();
            assertThat(row.get("zombie").asBoolean()).isFalse();
            assertThat(zombies(server)).isZero();
            app.release.countDown();

            assertThat(unlimited.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            await().until(() -> server.bean(LiveContexts.class).all().isEmpty());
            assertThat(server.bean(MeterRegistry.class)
                            .find("context.cancellation.latency")
                            .timer())
                    .isNull();
        }
    }

    @Test
    void theLimitThatAHandlerHasReplacedIsNotShownAsItsOwn() throws Exception {
        try (TestServer server = TestServer.start(App.class, EXPOSED, "context.request.timeout=1m")) {
            var unlimited = begin(server, "/unlimited");
            App app = server.bean(App.class);
            assertThat(app.begun.await(20, TimeUnit.SECONDS)).isTrue();

            JsonNode row = contexts(server, "?name=unlimited").get("contexts").get(0);
            assertThat(row.get("remainingMillis").isNull()).isTrue();
            assertThat(row.get("derived").isEmpty()).isTrue();
            app.release.countDown();
            assertThat(unlimited.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void cancelingIsOffByDefault() {
        try (TestServer server = TestServer.start(App.class, EXPOSED)) {
            var waits = begin(server, "/waits");

            assertThat(delete(server, onlyOne(server)).statusCode()).isIn(404, 405);

            assertThat(waits).isNotDone();
            server.bean(App.class).release.countDown();
            assertThat(waits).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Test
    void anOperatorCancelsARequestWhereThatIsAllowed() throws Exception {
        try (TestServer server =
                TestServer.start(App.class, EXPOSED, "management.endpoint.contexts.access=unrestricted")) {
            var waits = begin(server, "/waits");
            long id = onlyOne(server);

            HttpResponse<String> answer = delete(server, id);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"canceled\":true");
            HttpResponse<String> canceled = waits.get(20, TimeUnit.SECONDS);
            assertThat(canceled.statusCode()).isEqualTo(503);
            assertThat(canceled.body()).contains("canceled by an operator");
            assertThat(server.bean(App.class).audited).singleElement().satisfies(event -> assertThat(event.getData())
                    .containsEntry("id", id));
            await().untilAsserted(() -> assertThat(
                            server.count("context.requests", "outcome", "canceled", "cause", "operator"))
                    .isEqualTo(1));
            assertThat(delete(server, id).statusCode()).isEqualTo(204); // there is none any more
        }
    }

    @Test
    void whereContextsAreOnlyObservedNothingIsCanceled() {
        try (TestServer server = TestServer.start(
                App.class, EXPOSED, "management.endpoint.contexts.access=unrestricted", "context.mode=observe")) {
            var waits = begin(server, "/waits");

            assertThat(delete(server, onlyOne(server)).body()).contains("\"canceled\":false");

            server.bean(App.class).release.countDown();
            assertThat(waits).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);

        final List<AuditEvent> audited = new CopyOnWriteArrayList<>();

        @EventListener
        void audit(AuditApplicationEvent event) {
            audited.add(event.getAuditEvent());
        }

        @Bean
        static Filter lateFilter() {
            return (request, response, chain) -> {
                if (request.getParameter("late") != null) {
                    try {
                        Context.current().awaitDone();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }
                chain.doFilter(request, response);
            };
        }

        @GetMapping("/unlimited")
        @ContextTimeout("none")
        void unlimited() throws InterruptedException {
            begun.countDown();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
        }

        @GetMapping("/ignores")
        @ContextTimeout("10ms")
        void ignores() throws InterruptedException {
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
        }

        @GetMapping("/deep")
        @SuppressWarnings("MustBeClosed") // they end with the request
        void deep(Context context) throws InterruptedException {
            Context deepest = context;
            for (int i = 0; i < 400; i++) {
                deepest = deepest.withCancel();
            }
            begun.countDown();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
        }

        @GetMapping("/waits")
        String waits(Context context) throws InterruptedException {
            return context.interruptibly(() -> release.await(60, TimeUnit.SECONDS)) ? "released" : "late";
        }
    }
}
