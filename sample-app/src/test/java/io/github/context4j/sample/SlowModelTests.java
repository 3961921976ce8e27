package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The first that fails ends the others. */
@ShortTimeoutTest
class SlowModelTests {
    private final SampleClient client;

    SlowModelTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    @Test
    void theQueriesDoNotOutliveTheModelsTime() throws Exception {
        long late = client.calls("llm", "deadline_exceeded");
        long canceled = client.calls("reports", "canceled");
        HttpResponse<String> response = client.get("/api/dashboards/slow?seconds=30");
        assertThat(response.statusCode()).isEqualTo(504);
        soon().until(() -> client.queries().length == 0);
        soon().until(() -> client.json("/api/answers").isEmpty());
        soon().until(() -> client.calls("llm", "deadline_exceeded") == late + 1);
        soon().until(() -> client.calls("reports", "canceled") == canceled + 2);
    }
}
