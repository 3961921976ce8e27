package io.github.context4j.spring.web.tomcat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** An HTTP client that is nothing but a socket. */
final class TestClient implements AutoCloseable {
    /** A response; the body is that of Content-Length, or of the chunks. */
    record Response(int status, String head, String body) {}

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket raw;
    private final Socket socket;
    private final InputStream in;

    private TestClient(Socket raw, Socket socket) throws IOException {
        this.raw = raw;
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    static TestClient connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        return new TestClient(socket, socket);
    }

    static TestClient connectTls(int port, String protocol) throws IOException {
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket = (SSLSocket) TestTls.client().getSocketFactory().createSocket(raw, "localhost", port, true);
        socket.setEnabledProtocols(new String[] {protocol});
        socket.startHandshake();
        return new TestClient(raw, socket);
    }

    TestClient get(String path) throws IOException {
        return send(request(path));
    }

    static String request(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    TestClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    TestClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    Response response() throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.append(line).append('\n');
        }
        int status = Integer.parseInt(head.substring(9, 12));
        String lower = head.toString().toLowerCase(java.util.Locale.ROOT);
        String body = "";
        if (lower.contains("transfer-encoding: chunked")) {
            body = chunks();
        } else if (lower.contains("content-length: ")) {
            int from = lower.indexOf("content-length: ") + 16;
            body = text(Integer.parseInt(lower.substring(from, lower.indexOf('\n', from))));
        }
        return new Response(status, head.toString(), body);
    }

    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            body.append(text(size));
            line();
            if (size == 0) {
                return body.toString();
            }
        }
    }

    String text(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("after " + bytes.length + " of " + length + " bytes");
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("after: " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** What comes next, -1 for the end. */
    int read() throws IOException {
        return in.read();
    }

    /** FIN, with nothing more to send. */
    void halfClose() throws IOException {
        raw.shutdownOutput();
    }

    /** RST. */
    void reset() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
