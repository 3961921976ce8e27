package io.github.context4j.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

@ShortTimeoutTest
class ReportEndpointTests {
    private final SampleClient client;

    ReportEndpointTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    @Test
    void aReportTakesAsLongAsAskedAndHasEveryRegion() throws Exception {
        long start = System.nanoTime();
        JsonNode report = client.json("/api/reports/slow?seconds=1");
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000_000L);
        assertThat(report.get("seconds").asInt()).isEqualTo(1);
        assertThat(report.get("regions").findValuesAsString("region"))
                .containsExactly("East", "North", "South", "West");
        assertThat(report.get("regions").get(0).get("sales").asInt()).isEqualTo(250);
        assertThat(report.get("regions").get(0).get("revenue").asDouble()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "301", "soon", "99999999999"})
    void whatIsNotANumberOfSecondsIsABadRequest(String seconds) throws Exception {
        HttpResponse<String> response = client.get("/api/reports/slow?seconds=" + seconds);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains(seconds);
    }
}
