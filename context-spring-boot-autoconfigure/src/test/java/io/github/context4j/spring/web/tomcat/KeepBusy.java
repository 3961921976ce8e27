package io.github.context4j.spring.web.tomcat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks one thing after the other on a connection of its own. */
final class KeepBusy implements AutoCloseable {
    private final TestClient client;
    private final AtomicInteger requests = new AtomicInteger();
    private final Thread thread = new Thread(this::ask, "keep-busy");
    private volatile boolean closed;

    KeepBusy(int port, Transport transport) throws IOException {
        client = transport.connect(port);
        thread.setDaemon(true);
        thread.start();
    }

    int requests() {
        return requests.get();
    }

    private void ask() {
        try {
            while (!closed) {
                client.get("/").response();
                requests.incrementAndGet();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
