package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Two hundred clients that leave: every query ends, every request counts, every connection of the pool stays. */
@SampleTest
class ManyClientsLeaveTests {
    private static final int CLIENTS = 200;
    private static final int POOL_SIZE = 20;

    private final SampleClient client;
    private final Database database;
    private List<Long> sessions = List.of();
    private long canceled;
    private long unknown;

    ManyClientsLeaveTests(@LocalServerPort int port, @Autowired JdbcConnectionDetails details) {
        client = new SampleClient(port);
        database = new Database(details);
    }

    @BeforeEach
    void awaitAFullPool() throws Exception {
        soon().until(() -> database.sessions().size() == POOL_SIZE);
        sessions = database.sessions();
        canceled = client.requests("canceled");
        unknown = client.cancels("unknown");
    }

    @Test
    void oneAfterTheOther() throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            try (LeavingClient tab = slowReport()) {
                soon().until(() -> client.queries().length == 1);
            }
            soon().until(() -> client.queries().length == 0);
        }
        assertThatAllWereCanceled();
    }

    @Test
    void allAtOnceThoughMostWaitForAConnection() throws Exception {
        Deque<LeavingClient> tabs = new ArrayDeque<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                tabs.add(slowReport());
            }
            soon().until(() -> client.queries().length == POOL_SIZE);
        } finally {
            closeAll(tabs);
        }
        assertThatAllWereCanceled();
    }

    private LeavingClient slowReport() throws Exception {
        return LeavingClient.get(client.port(), "/api/reports/slow?seconds=30");
    }

    private static void closeAll(Deque<LeavingClient> tabs) throws Exception {
        while (!tabs.isEmpty()) {
            tabs.remove().close();
        }
    }

    /** But for cancels that took so long, on a machine that stood still, that nobody knows whether they will still arrive. */
    private void assertThatNoConnectionWasReplaced() throws Exception {
        List<Long> replaced = new ArrayList<>(sessions);
        replaced.removeAll(database.sessions());
        assertThat(replaced).hasSizeLessThanOrEqualTo((int) (client.cancels("unknown") - unknown));
    }

    private void assertThatAllWereCanceled() throws Exception {
        soon().until(() -> client.queries().length == 0);
        soon().until(() -> client.requests("canceled") == canceled + CLIENTS);
        soon().until(() -> client.json("/actuator/contexts").get("contexts").isEmpty());
        assertThatNoConnectionWasReplaced();
    }
}
