package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the watcher has to read belongs to the next requests, and reaches them whole and in order. */
@Timeout(60)
class TomcatStolenBytesTests {
    private final Gone gone = new Gone();
    private final Gate gate = new Gate();

    /** Answers with the path, after the bytes that follow were stolen if it is that of the first request. */
    private final TestTomcat.Handler echo = (request, response) -> {
        gone.listen(request);
        if (request.getRequestURI().startsWith("/blocked")) {
            gate.pass();
            Gone.awaitStolen(request);
        }
        response.getWriter().print(request.getRequestURI());
    };

    @ParameterizedTest
    @EnumSource
    void aPipelinedRequestIsAnswered(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start(echo);
                TestClient client = transport.connect(tomcat)) {
            client.get("/blocked");
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.get("/second").get("/third");
            gate.open();
            assertThat(client.response().body()).isEqualTo("/blocked");
            assertThat(client.response().body()).isEqualTo("/second");
            assertThat(client.response().body()).isEqualTo("/third");
        }
        assertThat(gone.calls).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatPipelinesAndLeavesIsSeen(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start(echo);
                TestClient client = transport.connect(tomcat)) {
            client.get("/blocked");
            gate.awaitEntered();
            client.get("/second").close();
            assertThat(gone.next().path()).isEqualTo("/blocked");
            gate.open();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "TLS_1_3"})
    void aPipelinedRequestBeforeAHalfCloseIsAnswered(Transport transport) throws Exception {
        try (TestTomcat tomcat = transport.start(echo);
                TestClient client = transport.connect(tomcat)) {
            client.get("/blocked");
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.get("/second").halfClose();
            assertThat(gone.next().path()).isEqualTo("/blocked");
            gate.open();
            assertThat(client.response().body()).isEqualTo("/blocked");
            assertThat(client.response().body()).isEqualTo("/second");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBurstThatIsMoreThanTheWatcherTakesIsAnsweredInOrder(Transport transport) throws Exception {
        int requests = 400;
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < requests; i++) {
            burst.append(TestClient.request("/burst/" + i + "/" + "x".repeat(40)));
        }
        assertThat(burst.length()).isGreaterThan(33_000);
        try (TestTomcat tomcat = transport.start(echo);
                TestClient client = transport.connect(tomcat)) {
            client.get("/blocked");
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.send(burst.toString());
            gate.open();
            assertThat(client.response().body()).isEqualTo("/blocked");
            for (int i = 0; i < requests; i++) {
                assertThat(client.response().body()).startsWith("/burst/" + i + "/");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "TLS_1_3"})
    void manyConnectionsThatPipelineInPiecesAreAnsweredInOrder(Transport transport) throws Exception {
        int connections = transport == Transport.CLEAR ? 200 : 50;
        int requests = 20;
        Random random = new Random(1);
        List<TestClient> clients = new ArrayList<>();
        try (TestTomcat tomcat = transport.start((request, response) -> {
            gone.listen(request);
            if (request.getRequestURI().endsWith("0")) {
                LockSupport.parkNanos(3 * ConnectionWatch.ARMING_DELAY);
            }
            response.getWriter().print(request.getRequestURI());
        })) {
            for (int i = 0; i < connections; i++) {
                clients.add(transport.connect(tomcat));
            }
            StringBuilder text = new StringBuilder();
            for (int r = 0; r < requests; r++) {
                text.append(TestClient.request("/" + r));
            }
            int[] sent = new int[connections];
            for (int open = connections; open > 0; ) {
                int i = random.nextInt(connections);
                if (sent[i] < text.length()) {
                    int to = Math.min(text.length(), sent[i] + 1 + random.nextInt(300));
                    clients.get(i).send(text.substring(sent[i], to));
                    sent[i] = to;
                    open -= to == text.length() ? 1 : 0;
                }
            }
            for (TestClient client : clients) {
                for (int r = 0; r < requests; r++) {
                    assertThat(client.response().body()).isEqualTo("/" + r);
                }
            }
            for (TestClient client : clients) {
                client.close();
            }
            tomcat.awaitRegistered(0);
        }
        assertThat(gone.calls).isEmpty();
    }

    @Test
    void tenThousandRequestsOnOneConnectionAreAnswered() throws Exception {
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
                    gone.listen(request);
                    if (request.getRequestURI().endsWith("00")) {
                        LockSupport.parkNanos(2 * ConnectionWatch.ARMING_DELAY);
                    }
                    response.getWriter().print(request.getRequestURI());
                });
                TestClient client = TestClient.connect(tomcat.port())) {
            for (int i = 0; i < 10_000; i++) {
                assertThat(client.get("/" + i).response().body()).isEqualTo("/" + i);
            }
        }
        assertThat(gone.calls).isEmpty();
    }

    /** The channel holds a part of a TLS record, so there is room for only some of what the watcher takes. */
    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void aTlsRecordThatAProxySplitsIsReadWhole(Transport transport) throws Exception {
        int enough = 400;
        StringBuilder record = new StringBuilder();
        for (int i = 0; i < enough; i++) {
            record.append(TestClient.request("/r/" + i + "/xxxxxxx"));
        }
        record.setLength(16_300);
        String whole = record.substring(0, record.lastIndexOf("GET "));
        int inRecord = whole.split("GET ", -1).length - 1;
        try (TestTomcat tomcat = transport.start(echo);
                SplittingProxy proxy = new SplittingProxy(tomcat.port());
                TestClient client = transport.connect(proxy.port())) {
            client.get("/warm").response(); // the handshake has passed the proxy
            proxy.holdRecordsAndSplitTheSecondAt(15_900);
            client.get("/blocked");
            client.send(whole);
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            StringBuilder more = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                more.append(TestClient.request("/more/" + i + "/" + "x".repeat(30)));
            }
            client.send(more.toString());
            proxy.release();
            gate.open();
            assertThat(client.response().body()).isEqualTo("/blocked");
            for (int i = 0; i < inRecord; i++) {
                assertThat(client.response().body()).startsWith("/r/" + i + "/");
            }
            for (int i = 0; i < 100; i++) {
                assertThat(client.response().body()).startsWith("/more/" + i + "/");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "TLS_1_3"})
    void aRequestThatIsPipelinedBehindSendfileIsAnswered(Transport transport, @TempDir Path directory)
            throws Exception {
        long length = 16 << 20;
        Path file = directory.resolve("large");
        try (RandomAccessFile created = new RandomAccessFile(file.toFile(), "rw")) {
            created.setLength(length);
        }
        try (TestTomcat tomcat = transport.start((request, response) -> {
                    echo.handle(request, response);
                    if (request.getRequestURI().equals("/blocked")) {
                        response.resetBuffer();
                        assertThat(request.getAttribute("org.apache.tomcat.sendfile.support"))
                                .isEqualTo(true);
                        response.setContentLengthLong(length);
                        request.setAttribute(
                                "org.apache.tomcat.sendfile.filename",
                                file.toRealPath().toString());
                        request.setAttribute("org.apache.tomcat.sendfile.start", 0L);
                        request.setAttribute("org.apache.tomcat.sendfile.end", length);
                    }
                });
                TestClient client = transport.connect(tomcat)) {
            client.get("/blocked");
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.get("/second");
            gate.open();
            assertThat(client.response().body()).hasSize((int) length);
            assertThat(client.response().body()).isEqualTo("/second");
        }
    }

    @Test
    void aTlsHandshakeInTheMiddleOfARequestIsLeftAlone() throws Exception {
        TestTomcat.Handler handler = (request, response) -> {
            gone.listen(request);
            Object certificates = request.getAttribute("jakarta.servlet.request.X509Certificate");
            response.getWriter().print(certificates == null ? "none" : "certificate");
        };
        Consumer<Context> renegotiating = context -> context.getPipeline().addValve(new Renegotiation());
        try (TestTomcat tomcat = TestTomcat.start(handler, TestTls::enable, renegotiating)) {
            for (int i = 0; i < 5; i++) {
                try (TestClient client = Transport.TLS_1_2.connect(tomcat)) {
                    assertThat(client.get("/").response().body()).isEqualTo("certificate");
                }
            }
        }
        assertThat(gone.calls).isEmpty();
    }

    /** Asks a client for its certificate when its connection is being watched. */
    private static final class Renegotiation extends ValveBase {
        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            LockSupport.parkNanos(3 * ConnectionWatch.ARMING_DELAY);
            request.getCoyoteRequest().action(ActionCode.REQ_SSL_CERTIFICATE, null);
            getNext().invoke(request, response);
        }
    }
}
