package io.github.context4j.spring.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Speaks RESP2 over plain sockets: GET and SET, and what a client says first. */
final class RedisStub extends TestRedis {
    private final Map<String, String> values = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition thawed = lock.newCondition();
    private final ServerSocket server;
    private boolean frozen;

    RedisStub() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "redis-stub");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                start(() -> serve(client));
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private void serve(Socket client) {
        try (client;
                InputStream in = new BufferedInputStream(client.getInputStream());
                OutputStream out = client.getOutputStream()) {
            while (true) {
                List<String> command = read(in);
                awaitThawed();
                out.write(answer(command).getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException | UncheckedIOException e) {
            // The client has left, or the test is over.
        }
    }

    private void awaitThawed() {
        lock.lock();
        try {
            while (frozen) {
                thawed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private String answer(List<String> command) {
        return switch (command.get(0).toUpperCase(Locale.ROOT)) {
            case "GET" -> bulk(values.get(command.get(1)));
            case "SET" -> {
                values.put(command.get(1), command.get(2));
                yield "+OK\r\n";
            }
            case "PING" -> "+PONG\r\n";
            case "CLIENT" -> "+OK\r\n";
            default -> "-ERR unknown command '" + command.get(0) + "'\r\n";
        };
    }

    private static String bulk(@Nullable String value) {
        return value == null
                ? "$-1\r\n"
                : "$" + value.getBytes(StandardCharsets.UTF_8).length + "\r\n" + value + "\r\n";
    }

    private static List<String> read(InputStream in) throws IOException {
        int size = Integer.parseInt(line(in).substring(1));
        List<String> words = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            int length = Integer.parseInt(line(in).substring(1));
            words.add(new String(in.readNBytes(length), StandardCharsets.UTF_8));
            line(in);
        }
        return words;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("end of stream");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public int port() {
        return server.getLocalPort();
    }

    @Override
    public void freeze() {
        setFrozen(true);
    }

    @Override
    public void thaw() {
        setFrozen(false);
    }

    private void setFrozen(boolean frozen) {
        lock.lock();
        try {
            this.frozen = frozen;
            thawed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            thaw();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
