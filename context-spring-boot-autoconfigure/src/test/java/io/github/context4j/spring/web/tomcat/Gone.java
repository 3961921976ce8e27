package io.github.context4j.spring.web.tomcat;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import io.github.context4j.spring.web.DisconnectWatch;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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

    static DisconnectWatch watch(HttpServletRequest request) {
        return (DisconnectWatch) request.getAttribute(DisconnectWatch.ATTRIBUTE);
    }

    /** The next callback; null if there is none within five seconds. */
    @Nullable
    Call next() throws InterruptedException {
        return fresh.poll(5, TimeUnit.SECONDS);
    }
}
