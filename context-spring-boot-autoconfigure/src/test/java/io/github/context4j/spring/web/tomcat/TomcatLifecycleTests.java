package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The watcher comes and goes with the server. */
@Timeout(60)
class TomcatLifecycleTests {
    private final Gone gone = new Gone();

    @Test
    void shutdownWithWatchesOpenLeavesNothingAndTellsNobody() throws Exception {
        int count = 5;
        Gate gate = new Gate(count);
        List<TestClient> clients = new ArrayList<>();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
            gone.listen(request);
            gate.pass();
        })) {
            for (int i = 0; i < count; i++) {
                clients.add(TestClient.connect(tomcat.port()).get("/"));
            }
            gate.awaitEntered();
            tomcat.awaitRegistered(count);
            assertThat(watchers()).hasSize(1);
            tomcat.stop();
            assertThat(watchers()).isEmpty();
            assertThat(tomcat.registered()).isZero();
        }
        for (TestClient client : clients) {
            client.close();
        }
        assertThat(gone.calls).isEmpty();
    }

    @Test
    void aServerThatIsStartedAgainWatchesAgain() throws Exception {
        Gate gate = new Gate();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
            gone.listen(request);
            if (request.getRequestURI().equals("/blocked")) {
                gate.pass();
            }
        })) {
            try (TestClient client = TestClient.connect(tomcat.port())) {
                client.get("/").response();
            }
            tomcat.restartConnector();
            try (TestClient client = TestClient.connect(tomcat.port())) {
                client.get("/blocked");
                gate.awaitEntered();
            }
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            gate.open();
            assertThat(watchers()).hasSize(1);
        }
        assertThat(watchers()).isEmpty();
    }

    @Test
    void shortRequestsAreNotRegistered() throws Exception {
        int count = 50;
        List<TestClient> clients = new ArrayList<>();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {})) {
            assertThat(watchers()).isEmpty();
            try (TestClient client = TestClient.connect(tomcat.port())) {
                client.get("/warm").response();
            }
            for (int i = 0; i < count; i++) {
                TestClient client = TestClient.connect(tomcat.port());
                clients.add(client);
                client.get("/").response();
            }
            assertThat(tomcat.registered()).isLessThan(count * 9 / 10); // a busy machine makes some of them long
            for (TestClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void whatWasRegisteredIsGoneWhenItsConnectionHasClosed() throws Exception {
        for (Transport transport : Transport.values()) {
            int count = 20;
            Gate gate = new Gate(count);
            List<TestClient> clients = new ArrayList<>();
            try (TestTomcat tomcat = transport.start((request, response) -> {
                gone.listen(request);
                gate.pass();
            })) {
                for (int i = 0; i < count; i++) {
                    clients.add(transport.connect(tomcat).get("/"));
                }
                gate.awaitEntered();
                tomcat.awaitRegistered(count);
                gate.open();
                for (TestClient client : clients) {
                    client.response();
                    client.close();
                }
                tomcat.awaitRegistered(0);
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> tomcat.protocol().getConnectionCount() <= 1); // the acceptor counts ahead
            }
        }
        assertThat(gone.calls).isEmpty();
    }

    private static List<String> watchers() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith("-DisconnectWatcher"))
                .toList();
    }
}
