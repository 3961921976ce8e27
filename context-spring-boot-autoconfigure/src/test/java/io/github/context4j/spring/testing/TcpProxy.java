package io.github.context4j.spring.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A network between a client and a PostgreSQL that can be made bad: it can hold back cancel requests, and it can stop
 * altogether, such that nothing arrives and nothing fails.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int CANCEL_REQUEST = 80877102;
    private static final int CHUNK = 8192;

    private final ServerSocket server;
    private final String host;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cancels = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger begins = new AtomicInteger();
    private final Semaphore cancelSeen = new Semaphore(0);
    private volatile Duration cancelDelay = Duration.ZERO;
    private volatile Duration beginDelay = Duration.ZERO;
    private volatile @Nullable CountDownLatch frozen;

    public TcpProxy(String host, int port) {
        this.host = host;
        this.port = port;
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    public String host() {
        return server.getInetAddress().getHostAddress();
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Has cancel requests arrive only after {@code delay}, even if the sender has given up by then. */
    public void delayCancels(Duration delay) {
        cancelDelay = delay;
    }

    /** How many cancel requests have arrived at the server. */
    public int cancels() {
        return cancels.get();
    }

    /**
     * Holds every BEGIN back for {@code delay}, or until a cancel request comes: then both go to the server at almost the
     * same time, so that the one may hit the other.
     */
    public void holdBegins(Duration delay) {
        beginDelay = delay;
    }

    /** How many BEGINs were held back. */
    public int begins() {
        return begins.get();
    }

    /** Stops the network until {@link #thaw()}; new connections are accepted and hear nothing. */
    public void freeze() {
        frozen = new CountDownLatch(1);
    }

    public void thaw() {
        CountDownLatch latch = frozen;
        frozen = null;
        if (latch != null) {
            latch.countDown();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = track(server.accept());
                start("connection", () -> connect(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private Socket track(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    private void connect(Socket client) {
        try {
            byte[] chunk = new byte[CHUNK];
            int length = client.getInputStream().read(chunk);
            boolean cancel = length >= 8 && ByteBuffer.wrap(chunk, 4, 4).getInt() == CANCEL_REQUEST;
            awaitThaw();
            if (cancel) {
                closed.await(cancelDelay.toNanos(), TimeUnit.NANOSECONDS);
            }
            Socket upstream = track(new Socket(host, port));
            if (length > 0) {
                upstream.getOutputStream().write(chunk, 0, length);
            }
            start("downstream", () -> pump(upstream, client, false));
            if (cancel) {
                cancels.incrementAndGet();
                cancelSeen.release();
            }
            pump(client, upstream, true);
        } catch (IOException | InterruptedException e) {
            close(client);
        }
    }

    private void pump(Socket from, Socket to, boolean requests) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                awaitThaw();
                if (requests && !beginDelay.isZero()) {
                    holdBegin(new String(chunk, 0, length, StandardCharsets.ISO_8859_1));
                }
                out.write(chunk, 0, length);
            }
            awaitThaw();
            to.shutdownOutput();
        } catch (IOException | InterruptedException e) {
            close(from);
            close(to);
        }
    }

    private void holdBegin(String request) throws InterruptedException {
        if (request.contains("BEGIN")) {
            begins.incrementAndGet();
            cancelSeen.drainPermits();
            if (cancelSeen.tryAcquire(beginDelay.toNanos(), TimeUnit.NANOSECONDS)) {
                closed.await(ThreadLocalRandom.current().nextLong(1500), TimeUnit.MICROSECONDS);
            }
        }
    }

    private void awaitThaw() throws InterruptedException {
        CountDownLatch latch = frozen;
        if (latch != null) {
            latch.await();
        }
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed then
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        closed.countDown();
        thaw();
        sockets.forEach(this::close);
    }
}
