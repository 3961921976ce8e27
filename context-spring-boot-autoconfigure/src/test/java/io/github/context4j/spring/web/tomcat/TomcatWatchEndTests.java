package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.web.DisconnectWatch;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that has its response may leave: nobody is told of it. */
@Timeout(60)
class TomcatWatchEndTests {
    private static final int CLIENTS = 60;

    private enum Kind {
        /** The container computes the length when the handler has returned. */
        SHORT {
            @Override
            void write(HttpServletResponse response) throws IOException {
                response.getOutputStream().print("short");
            }
        },
        EMPTY {
            @Override
            void write(HttpServletResponse response) {}
        },
        /** The container ends the last chunk when the handler has returned. */
        CHUNKED {
            @Override
            void write(HttpServletResponse response) throws IOException {
                response.getOutputStream().print("chunk");
                response.flushBuffer();
            }
        },
        /** The handler itself makes the response complete. */
        FLUSHED {
            @Override
            void write(HttpServletResponse response) throws IOException {
                response.setContentLength(20_000);
                response.getOutputStream().write(new byte[20_000]);
                response.flushBuffer();
            }
        },
        FLUSHED_WITHOUT_BODY {
            @Override
            void write(HttpServletResponse response) throws IOException {
                response.setStatus(204);
                response.flushBuffer();
            }
        };

        abstract void write(HttpServletResponse response) throws IOException;
    }

    private final Gone gone = new Gone();

    @ParameterizedTest
    @CsvSource({
        "CLEAR, SHORT",
        "CLEAR, EMPTY",
        "CLEAR, CHUNKED",
        "CLEAR, FLUSHED",
        "CLEAR, FLUSHED_WITHOUT_BODY",
        "TLS_1_3, SHORT",
        "TLS_1_3, CHUNKED",
        "TLS_1_3, FLUSHED"
    })
    void aClientThatLeavesWithItsResponseIsNotGone(Transport transport, Kind kind) throws Exception {
        try (TestTomcat tomcat = transport.start((request, response) -> {
            gone.listen(request);
            lastUntilArmed();
            kind.write(response);
        })) {
            askAndLeave(transport, tomcat);
        }
        assertThat(gone.calls).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "TLS_1_3"})
    void aClientThatLeavesWithItsAsynchronousResponseIsNotGone(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start((request, response) -> {
            gone.listen(request);
            AsyncContext context = request.startAsync();
            context.start(() -> {
                lastUntilArmed();
                try {
                    Kind.SHORT.write(response);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                context.complete();
            });
        })) {
            askAndLeave(transport, tomcat);
        }
        assertThat(gone.calls).isEmpty();
    }

    @Test
    void aClientThatLeavesBetweenTheCompletionOfItsRequestAndTheResponseIsNotGone() throws Exception {
        Gate gate = new Gate();
        Gate other = new Gate();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
                    gone.listen(request);
                    if (request.getRequestURI().equals("/other")) {
                        other.pass();
                    } else {
                        request.startAsync().complete();
                        gate.pass(); // the container goes on only when the handler has returned
                    }
                });
                TestClient client = TestClient.connect(tomcat.port());
                TestClient second = TestClient.connect(tomcat.port())) {
            client.get("/completed");
            gate.awaitEntered();
            client.close();
            // By the time that this client is seen to have left, the other would have been.
            second.get("/other");
            other.awaitEntered();
            second.close();
            assertThat(gone.next().path()).isEqualTo("/other");
            gate.open();
            other.open();
        }
        assertThat(gone.calls).hasSize(1);
    }

    @Test
    void aListenerThatIsSetAfterTheEndIsNotCalledEvenIfTheClientHadLeft() throws Exception {
        Gate first = new Gate();
        Gate second = new Gate();
        BlockingQueue<DisconnectWatch> watches = new LinkedBlockingQueue<>();
        Gone stale = new Gone();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
            watches.add(Gone.watch(request));
            gone.listen(request);
            (request.getRequestURI().equals("/first") ? first : second).pass();
        })) {
            leave(tomcat, "/first", first);
            first.open();
            tomcat.awaitRegistered(0);
            watches.remove().onDisconnect(kind -> stale.calls.add(new Gone.Call("stale", kind, 0, "")));
            // By the time that this client is seen to have left, the listener would have been called.
            leave(tomcat, "/second", second);
            second.open();
        }
        assertThat(stale.calls).isEmpty();
    }

    private void leave(TestTomcat tomcat, String path, Gate gate) throws Exception {
        try (TestClient client = TestClient.connect(tomcat.port())) {
            client.get(path);
            gate.awaitEntered();
        }
        assertThat(gone.next().path()).isEqualTo(path);
    }

    private static void askAndLeave(Transport transport, TestTomcat tomcat) throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            try (TestClient client = transport.connect(tomcat)) {
                client.get("/" + i).response();
            }
        }
        tomcat.awaitRegistered(0);
    }

    /** Long enough for the connection to be watched. */
    private static void lastUntilArmed() {
        LockSupport.parkNanos(3 * ConnectionWatch.ARMING_DELAY);
    }
}
