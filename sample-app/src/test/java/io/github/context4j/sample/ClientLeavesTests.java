package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The stories that the sample is there to tell, over real sockets and a real PostgreSQL. */
@SampleTest
class ClientLeavesTests {
    private static final String SLOW = "/api/reports/slow?seconds=30";
    private static final int POOL_SIZE = 20;

    private final SampleClient client;
    private final Database database;

    ClientLeavesTests(@LocalServerPort int port, @Autowired JdbcConnectionDetails details) {
        client = new SampleClient(port);
        database = new Database(details);
    }

    @Test
    void aReportDiesWithItsClient() throws Exception {
        long canceled = client.requests("canceled");
        try (LeavingClient tab = LeavingClient.get(client.port(), SLOW)) {
            soon().until(() -> client.queries().length == 1);
            assertThat(client.queries()[0]).contains("pg_sleep");
            assertThat(client.json("/actuator/contexts").get("contexts").findValuesAsString("name"))
                    .containsExactly("GET /api/reports/slow");
        }
        soon().until(() -> client.queries().length == 0);
        soon().until(() -> client.requests("canceled") == canceled + 1);
        assertThat(client.json("/actuator/contexts").get("contexts")).isEmpty();
        assertThat(client.get("/api/users/1").statusCode()).isEqualTo(200);
    }

    @Test
    void queriesAreListedThoughThePoolIsExhausted() throws Exception {
        long canceled = client.requests("canceled");
        List<LeavingClient> tabs = new ArrayList<>();
        try {
            for (int i = 0; i < POOL_SIZE + 1; i++) { // one waits for a connection
                tabs.add(LeavingClient.get(client.port(), SLOW));
            }
            soon().until(() -> client.queries().length == POOL_SIZE);
            soon().until(() -> client.json("/actuator/contexts").get("contexts").size() == POOL_SIZE + 1);
            assertThat(client.queries()).hasSize(POOL_SIZE);
        } finally {
            for (LeavingClient tab : tabs) {
                tab.close();
            }
        }
        soon().until(() -> client.queries().length == 0);
        soon().until(() -> client.requests("canceled") == canceled + POOL_SIZE + 1);
    }

    @Test
    void theAuditIsWrittenThoughTheClientLeft() throws Exception {
        long canceled = client.requests("canceled");
        try (Connection lock = database.lock("event, event_audit")) {
            try (LeavingClient tab =
                    LeavingClient.post(client.port(), "/api/events", "{\"type\":\"tab-closed\",\"detail\":\"\"}")) {
                soon().until(() -> client.queries().length == 2);
            }
            soon().until(() -> client.queries().length == 1);
            assertThat(client.queries()[0]).contains("event_audit");
            soon().until(() -> client.requests("canceled") == canceled + 1);
        }
        soon().until(() -> database.count("event_audit where type = 'tab-closed'") == 1);
        assertThat(database.count("event where type = 'tab-closed'")).isZero();
    }
}
