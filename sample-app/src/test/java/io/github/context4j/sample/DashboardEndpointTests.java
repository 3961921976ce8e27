package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

@SampleTest
class DashboardEndpointTests {
    private static final String SLOW = "/api/dashboards/slow?seconds=30";

    private final SampleClient client;

    DashboardEndpointTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    @Test
    void aDashboardHasWhatAllThreeSaid() throws Exception {
        JsonNode dashboard = client.json("/api/dashboards/slow?seconds=1");
        assertThat(dashboard.get("seconds").asInt()).isEqualTo(1);
        assertThat(dashboard.get("regions").findValuesAsString("region"))
                .containsExactly("East", "North", "South", "West");
        assertThat(dashboard.get("largest").findValuesAsString("amount")).hasSize(5);
        assertThat(dashboard.get("summary").asString())
                .startsWith("All four regions")
                .endsWith("waited for it.\n");
        soon().until(() -> client.json("/api/answers").isEmpty());
    }

    @Test
    void aDashboardDiesWithItsClient() throws Exception {
        long requests = client.requests("canceled");
        long queries = client.calls("reports", "canceled");
        long answers = client.calls("llm", "canceled");
        try (LeavingClient tab = LeavingClient.get(client.port(), SLOW)) {
            soon().until(() ->
                    client.queries().length == 2 && client.json("/api/answers").size() == 1);
            soon().until(() -> client.json("/actuator/contexts")
                    .get("contexts")
                    .findValuesAsString("operation")
                    .containsAll(List.of("query", "GET")));
            assertThat(tab).isNotNull();
        }
        soon().until(() -> client.queries().length == 0);
        soon().until(() -> client.json("/api/answers").isEmpty());
        soon().until(() -> client.requests("canceled") == requests + 1);
        soon().until(() -> client.calls("reports", "canceled") == queries + 2);
        soon().until(() -> client.calls("llm", "canceled") == answers + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "301", "soon"})
    void whatIsNotANumberOfSecondsIsABadRequest(String seconds) throws Exception {
        HttpResponse<String> response = client.get("/api/dashboards/slow?seconds=" + seconds);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains(seconds);
    }
}
