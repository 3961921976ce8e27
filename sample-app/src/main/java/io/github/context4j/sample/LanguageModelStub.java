package io.github.context4j.sample;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/**
 * Stands in for a language model: an HTTP server on a free loopback port that says the same to everybody, letter by letter,
 * over as many seconds as it is asked to take. It gives up when nobody reads on.
 */
@Component
final class LanguageModelStub implements AutoCloseable {
    private static final String PATH = "/summary/";
    private static final byte[] SUMMARY = """
            All four regions sell about the same number of items at about the same price, so no region stands out. \
            The largest sales are close to one another. Nothing here needs a decision today. \
            That you have read this to the end means that you waited for it.
            """.getBytes(StandardCharsets.US_ASCII);

    private static final AtomicLong ids = new AtomicLong();

    private final Set<Answer> inProgress = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    LanguageModelStub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(PATH, this::answer);
        server.start();
    }

    String url() {
        return "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    /** The answers that it is writing now, the oldest first. */
    List<Progress> inProgress() {
        return inProgress.stream()
                .map(Answer::progress)
                .sorted(Comparator.comparingLong(Progress::id))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        int seconds = Integer.parseInt(exchange.getRequestURI().getPath().substring(PATH.length()));
        Answer answer = new Answer();
        inProgress.add(answer);
        try {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 0);
            answer.write(exchange.getResponseBody(), TimeUnit.SECONDS.toNanos(seconds));
            exchange.close();
        } finally {
            inProgress.remove(answer); // not closed if it failed: what was cut off must not look complete
        }
    }

    private static final class Answer {
        private final long id = ids.incrementAndGet();
        private final long start = System.nanoTime();
        private volatile int letters;

        void write(OutputStream body, long nanos) throws IOException {
            for (int i = 0; i < SUMMARY.length; i++) {
                body.write(SUMMARY[i]);
                body.flush();
                letters = i + 1;
                try {
                    TimeUnit.NANOSECONDS.sleep(start + nanos / SUMMARY.length * letters - System.nanoTime());
                } catch (InterruptedException closing) {
                    throw new InterruptedIOException("closing");
                }
            }
        }

        Progress progress() {
            return new Progress(id, letters, SUMMARY.length, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }

    /**
     * An answer that is being written.
     *
     * @param id unique in this process, ascending
     * @param letters how many have been sent
     * @param of how many it has
     * @param ageMillis how long ago it was asked for
     */
    record Progress(long id, int letters, int of, long ageMillis) {}
}
