package io.github.context4j.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.sql.Connection;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.web.server.LocalServerPort;

@ShortTimeoutTest
class UserEndpointTests {
    private final SampleClient client;
    private final Database database;

    UserEndpointTests(@LocalServerPort int port, @Autowired JdbcConnectionDetails details) {
        client = new SampleClient(port);
        database = new Database(details);
    }

    @Test
    void aUserIsReadFromTheDatabase() throws Exception {
        HttpResponse<String> response = client.get("/api/users/2");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo(
                        "{\"user\":{\"id\":2,\"name\":\"Grace Hopper\",\"email\":\"grace@example.org\"},\"fresh\":true}");
    }

    @Test
    void anUnknownUserIsNotFound() throws Exception {
        HttpResponse<String> response = client.get("/api/users/99");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("user: 99 (unknown)");
    }

    @Test
    void aUserSeenBeforeIsTheFallBackForASlowDatabase() throws Exception {
        client.get("/api/users/1");
        try (Connection lock = database.lock("app_user")) {
            HttpResponse<String> response = client.get("/api/users/1");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).contains("Ada Lovelace").contains("\"fresh\":false");
            assertThat(client.queries()).isEmpty();
        }
    }

    @Test
    void aSlowDatabaseWithoutAFallBackIsAGatewayTimeout() throws Exception {
        long completed = client.requests("completed");
        try (Connection lock = database.lock("app_user")) {
            HttpResponse<String> response = client.get("/api/users/3");
            assertThat(response.statusCode()).isEqualTo(504);
            assertThat(client.queries()).isEmpty();
        }
        assertThat(client.requests("completed")).isGreaterThan(completed);
    }
}
