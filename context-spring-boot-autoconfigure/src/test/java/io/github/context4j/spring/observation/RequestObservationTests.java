package io.github.context4j.spring.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.spring.testing.TestServer;
import io.github.context4j.spring.web.ContextTimeout;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

class RequestObservationTests {
    /** Tomcat closes a connection after so many requests. */
    private static final int PIPELINED = 100;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(App.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static long requests(String uri, String status, String outcome) {
        return server.count("http.server.requests", "uri", uri, "status", status, "context.outcome", outcome);
    }

    @ParameterizedTest
    @CsvSource({
        "/completes, /completes, 200, completed",
        "/late,      /late,      504, deadline_exceeded",
        "/async,     /async,     504, deadline_exceeded",
        "/fails,     /fails,     500, completed",
        "/unknown,   /**,        404, completed"
    })
    void saysHowTheRequestEnded(String path, String uri, int status, String outcome) {
        assertThat(server.get(path).statusCode()).isEqualTo(status);

        await().until(() -> requests(uri, Integer.toString(status), outcome) > 0);
    }

    @Test
    void hasAnEventWithTheCauseWhenTheClientLeaves() throws Exception {
        try (Socket socket = server.open("GET", "/waits")) {
            assertThat(server.bean(App.class).begun.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(socket.isConnected()).isTrue();
        }

        await().untilAsserted(() -> assertThat(server.bean(App.class).events).anySatisfy(event -> {
            assertThat(event.getName()).isEqualTo("context.client_disconnected");
            assertThat(event.getContextualName()).startsWith("context canceled: client disconnected");
        }));
        await().until(() -> requests("/waits", "499", "canceled") == 1);
    }

    @Test
    void callsSayItUnderWhateverName() {
        try (TestServer renamed =
                TestServer.start(App.class, "management.observations.http.client.requests.name=outbound")) {
            RestClient client = renamed.bean(RestClient.Builder.class).build();
            client.get()
                    .uri("http://127.0.0.1:" + renamed.port() + "/completes")
                    .retrieve()
                    .toBodilessEntity();

            await().until(() -> renamed.count("outbound", "context.outcome", "completed") == 1);
        }
    }

    @Test
    void noPathMakesAMeter() throws Exception {
        server.get("/completes");
        unknownPaths(0);
        await().until(() ->
                requests("/**", "404", "completed") >= PIPELINED && requests("/completes", "200", "completed") > 0);
        List<Meter.Id> before = meters();

        for (int i = PIPELINED; i <= 10_000; i += PIPELINED) {
            unknownPaths(i);
        }

        await().until(() -> requests("/**", "404", "completed") >= 10_000 + PIPELINED);
        assertThat(meters()).containsExactlyInAnyOrderElementsOf(before);
    }

    /** Asks for paths that no handler has, on one connection, and waits for all answers. */
    private static void unknownPaths(int from) throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 1; i < PIPELINED; i++) {
            requests.append("HEAD /unknown/%d?%1$d HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
                    .formatted(from + i, i + 1 < PIPELINED ? "" : "Connection: close\r\n"));
        }
        try (Socket socket = server.open("HEAD", "/unknown/" + from)) {
            socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answers.split("HTTP/1.1 404", -1)).hasSize(PIPELINED + 1);
        }
    }

    private static List<Meter.Id> meters() {
        return server.bean(MeterRegistry.class).getMeters().stream()
                .map(Meter::getId)
                .filter(id ->
                        id.getName().startsWith("context.") || id.getName().equals("http.server.requests"))
                .toList();
    }

    @Test
    void switchedOffItSaysNothing() {
        new WebApplicationContextRunner()
                .withUserConfiguration(App.class)
                .withPropertyValues("context.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(OutcomeObservationFilter.class)
                        .doesNotHaveBean(RequestEvents.class));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App implements ObservationHandler<ServerRequestObservationContext> {
        final CountDownLatch begun = new CountDownLatch(1);
        final List<Observation.Event> events = new CopyOnWriteArrayList<>();

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof ServerRequestObservationContext;
        }

        @Override
        public void onEvent(Observation.Event event, ServerRequestObservationContext context) {
            events.add(event);
        }

        @GetMapping("/completes")
        String completes() {
            return "completed";
        }

        @GetMapping("/late")
        @ContextTimeout("20ms")
        void late(Context context) throws InterruptedException {
            context.awaitDone();
            context.throwIfDone();
        }

        @GetMapping("/async")
        @ContextTimeout("20ms")
        Callable<String> async(Context context) {
            return () -> {
                context.awaitDone();
                context.throwIfDone();
                return "not reached";
            };
        }

        @GetMapping("/fails")
        void fails() {
            throw new IllegalStateException("mine");
        }

        @GetMapping("/waits")
        void waits(Context context) throws InterruptedException {
            begun.countDown();
            context.awaitDone();
            context.throwIfDone();
        }
    }
}
