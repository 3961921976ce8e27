package io.github.context4j.spring.web.tomcat;

import io.github.context4j.spring.web.DisconnectWatch;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** Processes the requests of one connection at a time and has them watched. */
final class WatchedHttp11Processor extends Http11Processor {
    private final WatchingAdapter watching;
    private volatile @Nullable RequestWatch watch;
    /** Whether the response is to end as one that was cut off; the container thread's. */
    private boolean cutOff;

    WatchedHttp11Processor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
        super(protocol, adapter);
        watching = new WatchingAdapter(adapter, this);
    }

    @Override
    public Adapter getAdapter() {
        return watching;
    }

    /** Begins to watch the request whose head has been read, if its connection can be watched. */
    void beginWatch() {
        cutOff = false;
        ConnectionWatch connection = connection();
        if (connection != null) {
            RequestWatch begun = connection.begin(this);
            watch = begun;
            request.setAttribute(DisconnectWatch.ATTRIBUTE, begun);
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
     * Has the connection closed, if the request that is over was cut off. Not before: in the midst of an asynchronous
     * dispatch the error would make the request asynchronous again, and its listeners would be told twice that it completed.
     */
    void closeIfCutOff() {
        if (cutOff && !isAsync()) {
            setErrorState(ErrorState.CLOSE_NOW, null);
        }
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
