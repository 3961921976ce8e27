package io.github.context4j.spring.web.tomcat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** A TCP proxy for one TLS connection that sees where the client's records begin and end. */
final class SplittingProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket server;
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile int splitAt;

    SplittingProxy(int port) throws IOException {
        server = new Socket(InetAddress.getLoopbackAddress(), port);
        server.setTcpNoDelay(true);
        start(this::forward);
    }

    int port() {
        return listener.getLocalPort();
    }

    /**
     * From now on, forwards the client's next record together with {@code bytes} of the one after it, and what follows
     * when {@link #release()} is called.
     */
    void holdRecordsAndSplitTheSecondAt(int bytes) {
        splitAt = bytes;
    }

    void release() {
        released.countDown();
    }

    private void forward() {
        try (Socket client = listener.accept()) {
            start(() -> copy(client));
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = server.getOutputStream();
            while (true) {
                byte[] record = record(in);
                if (splitAt == 0) {
                    out.write(record);
                } else {
                    split(record, record(in), out);
                    splitAt = 0;
                }
            }
        } catch (IOException e) {
            close(); // either side has closed
        }
    }

    private void split(byte[] first, byte[] second, OutputStream out) throws IOException {
        ByteArrayOutputStream together = new ByteArrayOutputStream();
        together.write(first);
        together.write(second, 0, splitAt);
        out.write(together.toByteArray());
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.write(Arrays.copyOfRange(second, splitAt, second.length));
    }

    private static byte[] record(DataInputStream in) throws IOException {
        byte[] header = new byte[5];
        in.readFully(header);
        int length = ((header[3] & 0xff) << 8) | (header[4] & 0xff);
        byte[] record = Arrays.copyOf(header, header.length + length);
        in.readFully(record, header.length, length);
        return record;
    }

    private void copy(Socket client) {
        try {
            server.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            close(); // either side has closed
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "splitting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
