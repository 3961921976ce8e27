package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The body of a request reaches the handler whole, and when it has, or need not, the client is watched. */
@Timeout(60)
class TomcatBodyTests {
    private final Gone gone = new Gone();
    private final Gate gate = new Gate();
    private final Gate second = new Gate();

    /**
     * The handler waits on Tomcat's Poller for each piece, and the Poller is kept busy, so that a watcher which took a
     * piece would be first more often than not; the Poller would then have nothing to wake the handler for.
     */
    @ParameterizedTest
    @EnumSource
    void aBodyThatTricklesInWhileTheHandlerReadsArrivesWhole(Transport transport) throws Exception {
        int pieces = 200;
        AtomicInteger read = new AtomicInteger();
        TestTomcat.Handler reading = (request, response) -> {
            gone.listen(request);
            LockSupport.parkNanos(3 * ConnectionWatch.ARMING_DELAY); // so that the watch is there to be given up
            InputStream in = request.getInputStream();
            for (int n = in.read(new byte[100]); n > 0; n = in.read(new byte[100])) {
                read.addAndGet(n);
            }
        };
        try (TestTomcat tomcat = transport.start(reading);
                KeepBusy other = new KeepBusy(tomcat.port(), transport);
                TestClient client = transport.connect(tomcat)) {
            client.send(post(30 * pieces));
            for (int sent = 30; sent <= 30 * pieces; sent += 30) {
                LockSupport.parkNanos(2 * ConnectionWatch.ARMING_DELAY); // the pace of the client
                client.send("x".repeat(30));
                await().pollInterval(Duration.ofMillis(1)).untilAtomic(read, equalTo(sent));
            }
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(other.requests()).isPositive();
        }
        assertThat(gone.calls).isEmpty();
    }

    @Test
    void aBodyThatTricklesInToAReadListenerArrivesWhole() throws Exception {
        String body = "0123456789".repeat(150);
        try (TestTomcat tomcat = TestTomcat.start((request, response) -> {
                    gone.listen(request);
                    AsyncContext context = request.startAsync();
                    request.getInputStream().setReadListener(new Echo(context));
                });
                TestClient client = TestClient.connect(tomcat.port())) {
            client.send(post(body.length()));
            for (int from = 0; from < body.length(); from += 30) {
                LockSupport.parkNanos(2 * ConnectionWatch.ARMING_DELAY); // the pace of the client
                client.send(body.substring(from, from + 30));
            }
            assertThat(client.response().body()).isEqualTo(body);
        }
        assertThat(gone.calls).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aSmallBodyThatTheWatcherTookIsReadLaterAndTheClientIsSeenThen(Transport transport) throws Exception {
        TestTomcat.Handler late = (request, response) -> {
            gate.pass();
            Gone.awaitStolen(request);
            assertThat(text(request.getInputStream())).isEqualTo("small body");
            gone.listen(request);
            second.pass();
        };
        try (TestTomcat tomcat = transport.start(late);
                TestClient client = transport.connect(tomcat)) {
            client.send(post(10));
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.send("small body");
            gate.open();
            second.awaitEntered();
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            second.open();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLargeBodyThatTheWatcherTookTheBeginningOfArrivesWholeAndTheClientIsSeenThen(Transport transport)
            throws Exception {
        String body = "0123456789".repeat(10_000);
        TestTomcat.Handler late = (request, response) -> {
            gate.pass();
            Gone.awaitStolen(request);
            assertThat(text(request.getInputStream())).isEqualTo(body);
            gone.listen(request);
            second.pass();
        };
        try (TestTomcat tomcat = transport.start(late);
                TestClient client = transport.connect(tomcat)) {
            client.send(post(body.length()));
            gate.awaitEntered();
            tomcat.awaitRegistered(1);
            client.send(body);
            gate.open();
            second.awaitEntered();
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            second.open();
        }
    }

    @Test
    void aClientThatLeavesWithItsSmallBodyUnreadIsSeen() throws Exception {
        leaveAfter(post(10) + "small body", 0);
    }

    @Test
    void aClientThatLeavesWithItsSmallBodyHalfReadIsSeen() throws Exception {
        leaveAfter(post(10) + "small body", 5);
    }

    @Test
    void aClientThatLeavesWithItsBodyReadIsSeen() throws Exception {
        leaveAfter(post(10) + "small body", 100);
    }

    @Test
    void aClientThatLeavesWithItsChunkedBodyReadIsSeen() throws Exception {
        leaveAfter(
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsmall\r\n0\r\n\r\n", 100);
    }

    @Test
    void aClientThatLeavesInsteadOfSendingTheBodyItAskedForIsSeen() throws Exception {
        leaveAfter("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n", 0);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesInTheMiddleOfItsBodyIsSeenByTheHandlerAndTheListener(Transport transport) throws Exception {
        TestTomcat.Handler reading = (request, response) -> {
            gone.listen(request);
            gate.open();
            assertThatThrownBy(() -> request.getInputStream().readAllBytes()).isInstanceOf(IOException.class);
            second.pass();
        };
        try (TestTomcat tomcat = transport.start(reading);
                TestClient client = transport.connect(tomcat)) {
            client.send(post(100) + "the beginning");
            gate.pass();
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            second.open();
        }
        assertThat(gone.calls).hasSize(1);
    }

    private void leaveAfter(String request, int read) throws Exception {
        TestTomcat.Handler handler = (servletRequest, response) -> {
            if (read > 0) { // reading nothing would already wait for the body
                servletRequest.getInputStream().readNBytes(read);
            }
            gone.listen(servletRequest);
            gate.pass();
        };
        try (TestTomcat tomcat = TestTomcat.start(handler);
                TestClient client = TestClient.connect(tomcat.port())) {
            client.send(request);
            gate.awaitEntered();
            client.close();
            assertThat(gone.next().kind()).isEqualTo(Kind.CLOSED);
            gate.open();
        }
        assertThat(gone.calls).hasSize(1);
    }

    private static String text(ServletInputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static String post(int length) {
        return "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n";
    }

    /** Answers with what it has read. */
    private static final class Echo implements ReadListener {
        private final AsyncContext context;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        Echo(AsyncContext context) {
            this.context = context;
        }

        @Override
        public void onDataAvailable() throws IOException {
            ServletInputStream in = context.getRequest().getInputStream();
            while (in.isReady() && !in.isFinished()) {
                int b = in.read();
                if (b >= 0) {
                    read.write(b);
                }
            }
        }

        @Override
        public void onAllDataRead() throws IOException {
            context.getResponse().getOutputStream().write(read.toByteArray());
            context.complete();
        }

        @Override
        public void onError(Throwable failure) {
            context.complete();
        }
    }
}
