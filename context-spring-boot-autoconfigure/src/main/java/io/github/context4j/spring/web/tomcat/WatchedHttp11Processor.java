package io.github.context4j.spring.web.tomcat;

import io.github.context4j.spring.web.DisconnectWatch;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** Processes the requests of one connection at a time and has them watched. */
final class WatchedHttp11Processor extends Http11Processor {
    private final WatchingAdapter watching;
    private volatile @Nullable RequestWatch watch;
    /** Whether the response is to end as one that was cut off; the container thread's. */
    private boolean cutOff;
    /** How many requests have begun; set by the container's threads only. */
    private volatile int begun;
    /** Which of them is that of which a write failed on a thread of the application's while a dispatch was due. */
    private volatile int writeFailed = -1;
    /** The container's thread that processes an event of this connection; other threads may see a stale one, never themselves. */
    private @Nullable Thread processing;

    WatchedHttp11Processor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
        super(protocol, adapter);
        watching = new WatchingAdapter(adapter, this);
    }

    @Override
    public Adapter getAdapter() {
        return watching;
    }

    @Override
    public SocketState process(SocketWrapperBase<?> wrapper, SocketEvent event) throws IOException {
        processing = Thread.currentThread();
        try {
            return super.process(wrapper, event);
        } finally {
            processing = null;
        }
    }

    /** Begins to watch the request whose head has been read, if its connection can be watched. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one of the container's threads at a time
    void beginWatch() {
        cutOff = false;
        begun = begun + 1;
        ConnectionWatch connection = connection();
        if (connection != null) {
            RequestWatch beginning = connection.begin(this);
            watch = beginning;
            request.setAttribute(DisconnectWatch.ATTRIBUTE, beginning);
        }
    }

    void endWatch() {
        RequestWatch ending = watch;
        if (ending != null) {
            watch = null;
            ending.end();
        }
    }

    /** Keeps the container from writing what would end the response. */
    void cutOff() {
        cutOff = true;
        setSwallowResponse();
    }

    boolean isCutOff() {
        return cutOff;
    }

    /**
     * Has the connection closed, if the request that is over was cut off, or a write of it failed. Not before: in the midst of
     * an asynchronous dispatch the error would make the request asynchronous again, and its listeners would be told twice
     * that it completed.
     */
    void closeIfIncomplete() {
        if ((cutOff || writeFailed == begun) && !isAsync()) {
            setErrorState(ErrorState.CLOSE_NOW, null);
        }
    }

    /**
     * Puts the failure of a write off until the dispatch that is due is over, if a thread of the application's meets it. The
     * container would drop the dispatch for the sake of an event to which it does not get any more, or have it fail half-way
     * and complete the request twice.
     */
    @Override
    protected void setErrorState(ErrorState state, @Nullable Throwable failure) {
        int failing = begun; // the next one may begin before the thread goes on
        if (Thread.currentThread() != processing && isDispatchDue()) {
            writeFailed = failing;
        } else {
            super.setErrorState(state, failure);
        }
    }

    private boolean isDispatchDue() {
        AtomicBoolean due = new AtomicBoolean();
        action(ActionCode.ASYNC_IS_DISPATCHING, due);
        return due.get();
    }

    /** The watch over the connection that is being processed, null if there is none or it has been closed. */
    @Nullable
    ConnectionWatch connection() {
        SocketWrapperBase<?> wrapper = getSocketWrapper();
        if (wrapper == null || !(wrapper.getSocket() instanceof WatchedChannel channel)) {
            return null;
        }
        ConnectionWatch connection = channel.connection();
        // A channel that was closed meanwhile may be bound to another connection already.
        return connection != null && connection.belongsTo(wrapper) ? connection : null;
    }

    /** Called when the application completes an asynchronous request, before anything is written because of that. */
    @Override
    protected void clearDispatches() {
        endWatch();
        super.clearDispatches();
    }
}
