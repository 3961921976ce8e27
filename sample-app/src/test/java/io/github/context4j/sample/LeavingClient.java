package io.github.context4j.sample;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client on a socket of its own that sends one request and then leaves, as a closed tab does. */
final class LeavingClient implements AutoCloseable {
    private final Socket socket;

    private LeavingClient(int port, String request) throws IOException {
        socket = new Socket("localhost", port);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    static LeavingClient get(int port, String path) throws IOException {
        return new LeavingClient(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    static LeavingClient post(int port, String path, String json) throws IOException {
        return new LeavingClient(
                port,
                "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
