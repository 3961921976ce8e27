package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The sample without the library: nothing in its code has to change. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = "context.enabled=false")
class SwitchedOffTests {
    private final SampleClient client;

    SwitchedOffTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    @Test
    void everythingAnswersAndNothingIsCounted() throws Exception {
        assertThat(client.get("/api/users/1").statusCode()).isEqualTo(200);
        assertThat(client.get("/api/reports/slow?seconds=0").statusCode()).isEqualTo(200);
        assertThat(client.get("/api/dashboards/slow?seconds=0").statusCode()).isEqualTo(200);
        assertThat(client.post("/api/events", "{\"type\":\"library-off\"}").statusCode())
                .isEqualTo(201);
        assertThat(client.get("/actuator/prometheus").body()).doesNotContain("context_requests");
    }

    @Test
    void aReportOutlivesItsClient() throws Exception {
        try (LeavingClient tab = LeavingClient.get(client.port(), "/api/reports/slow?seconds=4")) {
            soon().until(() -> client.queries().length == 1);
        }
        long left = System.nanoTime();
        soon().until(() -> client.queries().length == 0);
        assertThat(System.nanoTime() - left).isGreaterThan(500_000_000L);
    }
}
