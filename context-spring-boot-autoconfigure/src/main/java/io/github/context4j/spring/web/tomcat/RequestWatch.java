package io.github.context4j.spring.web.tomcat;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import io.github.context4j.spring.web.DisconnectWatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.jspecify.annotations.Nullable;

/**
 * The watch over one request. Its state is guarded by the lock of the connection, so that what is seen on the socket and
 * the end of the request are in one order.
 */
final class RequestWatch implements DisconnectWatch {
    final ConnectionWatch connection;
    private final ReentrantLock lock;
    private final WatchedHttp11Processor processor;
    private final Request request;
    private final Response response;

    private @Nullable Consumer<Kind> listener;
    private @Nullable Kind gone;
    private boolean ended;

    RequestWatch(ConnectionWatch connection, ReentrantLock lock, WatchedHttp11Processor processor) {
        this.connection = connection;
        this.lock = lock;
        this.processor = processor;
        this.request = processor.getRequest();
        this.response = request.getResponse();
    }

    @Override
    public void onDisconnect(Consumer<Kind> listener) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            this.listener = listener;
            if (gone == null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        connection.deliver(this);
    }

    @Override
    public void cutOff(int status) {
        response.setStatus(status);
        processor.cutOff();
    }

    boolean isCutOff() {
        return processor.isCutOff();
    }

    /** Ends the watch: from now on the listener is not called. Idempotent. */
    void end() {
        connection.end(this);
    }

    /**
     * Ends the watch if what is about to be written to the socket completes the response, because a client that has its
     * response may leave. To be called by the thread that writes.
     */
    void endIfAnswered() {
        if (response.isCommitted() && isComplete()) {
            end();
        }
    }

    private boolean isComplete() {
        int status = response.getStatus();
        if (status < 200 || status == 204 || status == 205 || status == 304 || "HEAD".equals(request.getMethod())) {
            return true;
        }
        if (response.getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof org.apache.catalina.connector.Response servlet
                && servlet.isClosed()) {
            return true; // the application has closed it, and what is written are the last bytes
        }
        long length = response.getContentLengthLong();
        return length >= 0 && response.getContentWritten() >= length;
    }

    /**
     * Whether the container has the whole body. The watcher's thread may see a stale "no", and asks again; "yes" is final
     * while the watch lasts. To be called under the lock.
     */
    boolean isBodyFinished() {
        try {
            return request.isFinished();
        } catch (RuntimeException e) {
            return false; // met the container changing its input filters, which is not synchronized with us
        }
    }

    /** Notes that the client is gone, and returns whether there is a listener to tell. To be called under the lock. */
    boolean gone(Kind kind) {
        if (ended || gone != null) {
            return false;
        }
        gone = kind;
        return listener != null;
    }

    /** To be called under the lock. */
    void endNow() {
        ended = true;
        listener = null;
    }

    /** Tells the listener, unless the request has ended meanwhile or it has been told. */
    void tell() {
        Consumer<Kind> told;
        Kind kind;
        lock.lock();
        try {
            told = listener;
            kind = gone;
            listener = null;
        } finally {
            lock.unlock();
        }
        if (told != null && kind != null) {
            told.accept(kind);
        }
    }
}
