package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import jakarta.servlet.AsyncContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client leaves while its request is in progress. */
@Timeout(60)
class TomcatDisconnectTests {
    private final Gone gone = new Gone();
    private final Gate gate = new Gate();

    private final TestTomcat.Handler blocking = (request, response) -> {
        gone.listen(request);
        gate.pass();
    };

    @ParameterizedTest
    @EnumSource
    void aClosedConnectionIsSeen(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start(blocking);
                TestClient client = transport.connect(tomcat)) {
            client.get("/");
            gate.awaitEntered();
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            gate.open();
        }
        assertThat(gone.calls).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aResetConnectionIsSeen(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start(blocking);
                TestClient client = transport.connect(tomcat)) {
            client.get("/");
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.reset();
            assertThat(gone.next().kind()).isEqualTo(Kind.RESET);
            gate.open();
        }
        assertThat(gone.calls).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesAnAsynchronousRequestIsSeen(Transport transport) throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestTomcat.Handler asynchronous = (request, response) -> {
            gone.listen(request);
            started.add(request.startAsync());
        };
        try (TestTomcat tomcat = transport.start(asynchronous);
                TestClient client = transport.connect(tomcat)) {
            client.get("/");
            AsyncContext context = started.take();
            tomcat.awaitRegistered(1);
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            context.complete();
        }
        assertThat(gone.calls).hasSize(1);
    }

    @Test
    void aListenerThatComesLateIsToldAtOnceOnAThreadOfNeitherTheContainerNorTheWatcher() throws Exception {
        Gate second = new Gate();
        List<String> container = new ArrayList<>();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
                    gone.listen(request);
                    gate.pass();
                    container.add(Thread.currentThread().getName());
                    gone.listen(request);
                    second.pass();
                });
                TestClient client = TestClient.connect(tomcat.port())) {
            client.get("/");
            gate.awaitEntered();
            client.close();
            gone.next();
            gate.open();
            Gone.Call late = gone.next();
            assertThat(late.thread()).matches("context(-\\d+)?"); // the core's own, virtual or of its pool
            second.open();
        }
        assertThat(container).isNotEmpty();
        assertThat(gone.calls).hasSize(2);
    }

    @Test
    void aListenerReplacesTheOneBefore() throws Exception {
        Gone replaced = new Gone();
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
                    replaced.listen(request);
                    gone.listen(request);
                    gate.pass();
                });
                TestClient client = TestClient.connect(tomcat.port())) {
            client.get("/");
            gate.awaitEntered();
            client.close();
            gone.next();
            gate.open();
        }
        assertThat(replaced.calls).isEmpty();
    }

    @Test
    void aClientThatLeavesBeforeTheWatchIsArmedIsSeen() throws Exception {
        try (TestTomcat tomcat = TestTomcat.start(blocking)) {
            try (TestClient client = TestClient.connect(tomcat.port())) {
                client.get("/");
            }
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            gate.open();
        }
    }

    @Test
    void allOfManyClientsThatLeaveTogetherAreSeen() throws Exception {
        int count = 500;
        Gate all = new Gate(count);
        List<TestClient> clients = new ArrayList<>();
        try (TestTomcat tomcat = TestTomcat.start(
                (request, response) -> {
                    gone.listen(request);
                    all.pass();
                },
                connector -> {
                    connector.setProperty("maxThreads", String.valueOf(count + 10));
                    connector.setProperty("acceptCount", String.valueOf(count));
                })) {
            for (int i = 0; i < count; i++) {
                clients.add(TestClient.connect(tomcat.port()).get("/" + i));
            }
            all.awaitEntered();
            tomcat.awaitRegistered(count);
            for (TestClient client : clients) {
                client.close();
            }
            for (int i = 0; i < count; i++) {
                gone.next();
            }
            all.open();
            tomcat.awaitRegistered(0);
        }
        assertThat(gone.calls)
                .extracting(Gone.Call::path)
                .doesNotHaveDuplicates()
                .hasSize(count);
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "TLS_1_3"})
    void aClientThatClosesItsSendingSideIsGoneAndYetGetsItsResponse(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start((request, response) -> {
                    gone.listen(request);
                    gate.pass();
                    response.getWriter().print("late");
                });
                TestClient client = transport.connect(tomcat)) {
            client.get("/");
            gate.awaitEntered();
            client.halfClose();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            gate.open();
            assertThat(client.response().body()).isEqualTo("late");
        }
        assertThat(gone.calls).hasSize(1);
    }

    @Test
    void aHalfCloseDoesNotCountWhereItIsSetNotToButAResetDoes() throws Exception {
        Gate second = new Gate();
        try (TestTomcat tomcat = TestTomcat.start(
                        (request, response) -> {
                            gone.listen(request);
                            if (request.getRequestURI().equals("/half")) {
                                gate.pass();
                                response.getWriter().print("complete");
                            } else {
                                second.pass();
                            }
                        },
                        connector -> ((WatchedHttp11NioProtocol) connector.getProtocolHandler())
                                .setHalfCloseDisconnect(false));
                TestClient half = TestClient.connect(tomcat.port());
                TestClient other = TestClient.connect(tomcat.port())) {
            half.get("/half");
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            half.halfClose();
            // By the time that the other client's reset has been seen, so has the end of this one's stream.
            other.get("/reset");
            second.awaitEntered();
            tomcat.awaitRegistered(2);
            other.reset();
            assertThat(gone.next()).extracting(Gone.Call::path, Gone.Call::kind).containsExactly("/reset", Kind.RESET);
            second.open();
            gate.open();
            assertThat(half.response().body()).isEqualTo("complete");
        }
        assertThat(gone.calls).hasSize(1);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aClientOfAVirtualThreadIsSeen() throws Exception {
        try (VirtualThreads executor = new VirtualThreads();
                TestTomcat tomcat = TestTomcat.start(
                        (request, response) -> {
                            assertThat(VirtualThreads.isVirtual(Thread.currentThread()))
                                    .isTrue();
                            blocking.handle(request, response);
                        },
                        connector -> connector.getProtocolHandler().setExecutor(executor.executor()));
                TestClient client = TestClient.connect(tomcat.port())) {
            client.get("/");
            gate.awaitEntered();
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            gate.open();
        }
    }
}
