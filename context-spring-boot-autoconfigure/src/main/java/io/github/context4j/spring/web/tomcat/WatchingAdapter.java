package io.github.context4j.spring.web.tomcat;

import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Constants;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;

/** Passes the requests of one processor to the servlet container, and has them watched meanwhile. */
final class WatchingAdapter implements Adapter {
    private final Adapter delegate;
    private final WatchedHttp11Processor processor;

    WatchingAdapter(Adapter delegate, WatchedHttp11Processor processor) {
        this.delegate = delegate;
        this.processor = processor;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        if (!isOwn(request)) {
            delegate.service(request, response);
            return;
        }
        processor.beginWatch();
        try {
            delegate.service(request, response);
        } finally {
            endUnlessAsync();
            processor.closeIfIncomplete();
            returnSpillBeforeSendfile(request);
        }
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent status) throws Exception {
        try {
            return delegate.asyncDispatch(request, response, status);
        } finally {
            if (isOwn(request)) {
                endUnlessAsync();
                processor.closeIfIncomplete();
            }
        }
    }

    @Override
    public void checkRecycled(Request request, Response response) {
        if (isOwn(request)) {
            processor.endWatch();
        }
        delegate.checkRecycled(request, response);
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
        return delegate.prepare(request, response);
    }

    @Override
    public void log(Request request, Response response, long time) {
        delegate.log(request, response, time);
    }

    @Override
    public String getDomain() {
        return delegate.getDomain();
    }

    /** An upgrade to HTTP/2 hands this adapter on, and the streams' requests come through it. */
    private boolean isOwn(Request request) {
        return processor.getRequest() == request;
    }

    private void endUnlessAsync() {
        if (!processor.isAsync()) {
            processor.endWatch();
        }
    }

    /**
     * Sendfile waits on the Poller for the next request unless it knows of one, and the Poller does not see what we have
     * taken from the socket: it must be where the container looks.
     */
    private void returnSpillBeforeSendfile(Request request) {
        if (request.getAttribute(Constants.SENDFILE_FILENAME_ATTR) == null || processor.isAsync()) {
            return;
        }
        ConnectionWatch connection = processor.connection();
        if (connection != null && connection.hasSpill() && request.isFinished()) {
            request.action(ActionCode.AVAILABLE, true);
        }
    }
}
