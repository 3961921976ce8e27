package io.github.context4j.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.json.JsonMapper;

@SampleTest
class EventEndpointTests {
    private final SampleClient client;
    private final Database database;

    EventEndpointTests(@LocalServerPort int port, @Autowired JdbcConnectionDetails details) {
        client = new SampleClient(port);
        database = new Database(details);
    }

    @Test
    void anEventIsSavedAndAuditedWhenTheResponseArrives() throws Exception {
        HttpResponse<String> response = client.post("/api/events", "{\"type\":\"order-placed\",\"detail\":\"42\"}");
        assertThat(response.statusCode()).isEqualTo(201);
        String id = new JsonMapper().readTree(response.body()).get("id").asString();
        assertThat(database.count("event where type = 'order-placed' and detail = '42' and id = '" + id + "'"))
                .isEqualTo(1);
        assertThat(database.count("event_audit where type = 'order-placed' and event_id = '" + id + "'"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{}", "{\"type\":\"\"}", "{\"type\":\"Order Placed\"}"})
    void whatIsNotAnEventIsABadRequest(String json) throws Exception {
        long audits = database.count("event_audit");
        HttpResponse<String> response = client.post("/api/events", json);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(database.count("event_audit")).isEqualTo(audits);
    }

    @Test
    void aLongDetailIsABadRequest() throws Exception {
        String json = "{\"type\":\"essay-written\",\"detail\":\"" + "x".repeat(2001) + "\"}";
        HttpResponse<String> response = client.post("/api/events", json);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("detail: 2001 characters (expected: at most 2000)");
    }
}
