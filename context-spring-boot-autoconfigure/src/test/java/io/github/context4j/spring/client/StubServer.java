package io.github.context4j.spring.client;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server on raw sockets that does what the first segment of a request's path says, and then nothing until its client
 * closes the connection.
 */
final class StubServer implements AutoCloseable {
    private static final String WHOLE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Socket> silent = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final List<Socket> blackHole = new CopyOnWriteArrayList<>();
    private final Map<String, String> heads = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> seen = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> lastBytes = new ConcurrentHashMap<>();
    private final CountDownLatch uploads = new CountDownLatch(1);
    private @Nullable ServerSocket full;

    StubServer() {
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    URI uri(String scheme, String path) {
        return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + path);
    }

    /** Of an address that takes no connections, without refusing them: its queue is full. */
    synchronized URI blackHole() {
        try {
            if (full == null) {
                full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                for (int i = 0; i < 2; i++) {
                    blackHole.add(new Socket(full.getInetAddress(), full.getLocalPort()));
                }
            }
            return URI.create("http://127.0.0.1:" + full.getLocalPort() + "/");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many connections have not been closed by their clients. */
    int open() {
        return open.size();
    }

    int accepted() {
        return accepted.get();
    }

    /** How often a path was requested. */
    int requests(String path) {
        AtomicInteger count = requests.get(path);
        return count == null ? 0 : count.get();
    }

    /** The values of a header with which a path was requested last. */
    List<String> header(String path, String name) {
        return heads.getOrDefault(path, "")
                .lines()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).trim())
                .toList();
    }

    /** Waits until a path has been requested. */
    void awaitRequest(String path) throws InterruptedException {
        if (!seen(path).await(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("nobody requested " + path);
        }
    }

    private CountDownLatch seen(String path) {
        return seen.computeIfAbsent(path, p -> new CountDownLatch(1));
    }

    /** What lets the last byte of the response to {@code path} go. */
    CountDownLatch lastByte(String path) {
        return lastBytes.computeIfAbsent(path, p -> new CountDownLatch(1));
    }

    /** From now on reads what is left of uploads, to see their clients close. */
    void readUploads() {
        uploads.countDown();
    }

    /** Closes connections that have sent no whole request: Jetty and Reactor finish what they are connecting, for later. */
    void closeUnfinishedHandshakes() {
        silent.forEach(StubServer::closeQuietly);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed then
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                silent.add(socket);
                accepted.incrementAndGet();
                start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String head = head(in); head != null; head = head(in)) {
                silent.remove(socket);
                String path = head.split(" ", 3)[1];
                heads.put(path, head);
                requests.computeIfAbsent(path, p -> new AtomicInteger()).incrementAndGet();
                seen(path).countDown();
                if (!answer(path, socket)) {
                    return;
                }
                if (path.startsWith("/race/") || path.startsWith("/headrace/")) {
                    lastByte(path).await();
                    write(socket, path.startsWith("/race/") ? "o" : WHOLE);
                }
                if (path.startsWith("/upload")) {
                    uploads.await();
                    in.skip(Long.MAX_VALUE);
                }
            }
        } catch (IOException | InterruptedException e) {
            // the client has closed it
        } finally {
            open.remove(socket);
            silent.remove(socket);
        }
    }

    /** Returns whether the connection is kept. */
    private boolean answer(String path, Socket socket) throws IOException {
        switch (path.split("/", 3)[1]) {
            case "whole" -> write(socket, WHOLE);
            case "race" -> write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
            case "body" -> write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhell");
            case "json" ->
                write(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[\"a\"");
            case "chunked" -> write(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n");
            case "identity" -> write(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhell");
            case "redirect" -> {
                write(
                        socket,
                        "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: "
                                + path.replace("/redirect/", "/headers/") + "\r\nContent-Length: 0\r\n\r\n");
                return false;
            }
            case "cut" -> {
                write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhell");
                return false;
            }
            case "reset" -> {
                socket.setSoLinger(true, 0);
                return false;
            }
            default -> {} // not a byte
        }
        return true;
    }

    private static void write(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    }

    private static @Nullable String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.append((char) next);
            if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                return head.toString();
            }
        }
        return null;
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "stub");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public synchronized void close() throws IOException {
        server.close();
        uploads.countDown();
        if (full != null) {
            full.close();
        }
        for (Socket each : blackHole) {
            each.close();
        }
        for (Socket each : open) {
            each.close();
        }
    }
}
