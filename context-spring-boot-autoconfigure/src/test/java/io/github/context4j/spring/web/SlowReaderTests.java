package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.TestServer;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A client that reads its response slowly. */
@Timeout(120)
class SlowReaderTests {
    private static final int BYTES = 64 << 20; // more than the sockets hold

    @Test
    void aResponseThatIsStillBeingWrittenAtTheDeadlineIsNoWorkThatGoesOn() throws Exception {
        try (TestServer server = TestServer.start(App.class, "context.request.timeout=2s")) {
            try (Socket socket = server.open("GET", "/download")) {
                await().until(() -> request(server).context().isDone());

                assertThat(request(server).isDone()).isFalse();
                assertThat(request(server).cancel(new CanceledByOperatorException()))
                        .isFalse();
                assertThat(socket.getInputStream().readNBytes(BYTES)).hasSize(BYTES);
            }
            await().until(() -> server.count("context.requests", "outcome", "completed") == 1);
            assertThat(server.count("context.cancellation.latency", "dependency", "request"))
                    .isZero();
        }
    }

    private static LiveContext request(TestServer server) {
        return await().until(
                        () -> server.bean(LiveContexts.class).all().stream()
                                .findAny()
                                .orElse(null),
                        found -> found != null);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        @GetMapping("/download")
        byte[] download() {
            return new byte[BYTES];
        }
    }
}
