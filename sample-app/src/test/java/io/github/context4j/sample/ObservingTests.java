package io.github.context4j.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What the sample shows of itself while nothing goes wrong. */
@SampleTest
class ObservingTests {
    private final SampleClient client;

    ObservingTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    @Test
    void pingAnswers() throws Exception {
        assertThat(client.get("/api/ping").body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void neitherIdleSessionsNorItsOwnQueryAreListed() throws Exception {
        client.get("/api/users/1");
        assertThat(client.get("/api/queries").body()).isEqualTo("[]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/sample.css", "/sample.js", "/chart.js", "/dom.js", "/work.js"})
    void thePageIsThere(String path) throws Exception {
        assertThat(client.get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void requestsAreCountedForMetricsAndPrometheus() throws Exception {
        long before = client.requests("completed");
        client.get("/api/ping");
        assertThat(client.requests("completed")).isGreaterThan(before);
        assertThat(client.get("/actuator/prometheus").body()).contains("context_requests_seconds_count{");
    }

    @Test
    void noContextIsLeftBehind() throws Exception {
        assertThat(client.get("/actuator/contexts").body())
                .isEqualTo("{\"total\":0,\"contexts\":[],\"totalCalls\":0,\"calls\":[]}");
    }
}
