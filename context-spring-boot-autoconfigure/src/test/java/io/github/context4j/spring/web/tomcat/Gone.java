package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import io.github.context4j.spring.web.DisconnectWatch;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Records the disconnects that requests are told of. */
final class Gone {
    /** One callback. */
    record Call(String path, Kind kind, long nanos, String thread) {}

    final List<Call> calls = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Call> fresh = new LinkedBlockingQueue<>();

    /** Listens to the watch over {@code request}. */
    void listen(HttpServletRequest request) {
        String path = request.getRequestURI();
        watch(request).onDisconnect(kind -> {
            Call call = new Call(
                    path, kind, System.nanoTime(), Thread.currentThread().getName());
            calls.add(call);
            fresh.add(call);
        });
    }

    /** Waits until the watcher has read what the client sent behind {@code request}. */
    static void awaitStolen(HttpServletRequest request) {
        ConnectionWatch connection = ((RequestWatch) watch(request)).connection;
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(connection::hasSpill);
    }

    static DisconnectWatch watch(HttpServletRequest request) {
        return (DisconnectWatch) request.getAttribute(DisconnectWatch.ATTRIBUTE);
    }

    /** The next callback. */
    Call next() throws InterruptedException {
        Call call = fresh.poll(5, TimeUnit.SECONDS);
        assertThat(call).as("callback").isNotNull();
        return call;
    }
}
