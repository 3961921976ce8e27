package io.github.context4j.spring.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever strangers write into deadline headers: no request fails of it, and none gets more time. */
class HostileDeadlineHeaderTests {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                InboundDeadlineTests.App.class,
                "context.request.timeout=10s",
                "server.tomcat.max-keep-alive-requests=-1");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpc-timeout:",
                "grpc-timeout: -5S",
                "grpc-timeout: 5",
                "grpc-timeout: 5s",
                "grpc-timeout: 5 S",
                "grpc-timeout: 123456789S",
                "grpc-timeout: 99999999999999999999999H",
                "grpc-timeout: 1S, 2S",
                "grpc-timeout: 1.5S",
                "grpc-timeout: \u0080\u00ff\u00e9S",
                "grpc-timeout: ${jndi:ldap://localhost/a}",
                "GRPC-TIMEOUT: soon",
                "x-envoy-expected-rq-timeout-ms:",
                "x-envoy-expected-rq-timeout-ms: 0",
                "x-envoy-expected-rq-timeout-ms: -1",
                "x-envoy-expected-rq-timeout-ms: 1e3",
                "x-envoy-expected-rq-timeout-ms: 9223372036854775808",
                "x-envoy-expected-rq-timeout-ms: 18446744073709551615",
                "x-envoy-expected-rq-timeout-ms: 100ms",
            })
    void whatSaysNoTimeIsIgnoredAndCountedAndLoggedOnce(String header) throws IOException {
        long before = InboundDeadlineTests.ignored(server);
        try (LogEvents log = LogEvents.capture();
                Client client = new Client(server.port())) {
            assertThat(client.get("/remaining", List.of(header))).isEqualTo(200);
            assertThat(Long.parseLong(client.body)).isBetween(5_000L, 10_000L);
            assertThat(log.at(Level.DEBUG).stream().filter(line -> line.startsWith("Ignored header")))
                    .singleElement()
                    .asString()
                    .matches("[ -~]{1,100}");
        }
        assertThat(InboundDeadlineTests.ignored(server)).isEqualTo(before + 1);
    }

    @Test
    void longAndRepeatedOnesAreEachIgnored() throws IOException {
        long before = InboundDeadlineTests.ignored(server);
        try (LogEvents log = LogEvents.capture();
                Client client = new Client(server.port())) {
            List<String> headers = new ArrayList<>(List.of("grpc-timeout: " + "9".repeat(4_000) + "S"));
            for (int i = 0; i < 50; i++) {
                headers.add("x-envoy-expected-rq-timeout-ms: " + "-".repeat(i));
            }
            assertThat(client.get("/remaining", headers)).isEqualTo(200);
            assertThat(Long.parseLong(client.body)).isBetween(5_000L, 10_000L);
            assertThat(log.at(Level.DEBUG)).allSatisfy(line -> assertThat(line).hasSizeLessThan(1_000));
        }
        assertThat(InboundDeadlineTests.ignored(server)).isEqualTo(before + 51);
    }

    @Test
    void noRandomHeaderFailsARequest() throws IOException {
        Random random = new Random(20261121);
        try (Client client = new Client(server.port())) {
            for (int i = 0; i < 300; i++) {
                int status = client.get(
                        "/remaining",
                        List.of("grpc-timeout: " + text(random), "x-envoy-expected-rq-timeout-ms: " + text(random)));
                assertThat(status).as("request " + i).isEqualTo(200);
                assertThat(Long.parseLong(client.body)).isLessThanOrEqualTo(10_000L);
            }
        }
    }

    /** What HTTP allows in a header, but no well-formed time, which might be too short for the request. */
    private static String text(Random random) {
        StringBuilder text = new StringBuilder("!");
        for (int length = random.nextInt(60); length > 0; length--) {
            int c = random.nextInt(0x100);
            text.append((char) (c < ' ' || c == 0x7f ? '\t' : c));
        }
        return text.toString();
    }

    /** Writes headers that no client library lets through. */
    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;
        private String body = "";

        @SuppressWarnings("AddressSelection") // the loopback address is meant
        Client(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(30_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        }

        int get(String path, List<String> headers) throws IOException {
            OutputStream out = socket.getOutputStream();
            String head =
                    "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
            out.write(head.getBytes(ISO_8859_1));
            String status = line();
            int length = 0;
            for (String line = line(); !line.isEmpty(); line = line()) {
                if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).trim());
                }
            }
            char[] chars = new char[length];
            for (int read = 0; read < length; ) {
                read += in.read(chars, read, length - read);
            }
            body = new String(chars);
            return Integer.parseInt(status.substring(9, 12));
        }

        private String line() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new IOException("closed");
            }
            return line;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
