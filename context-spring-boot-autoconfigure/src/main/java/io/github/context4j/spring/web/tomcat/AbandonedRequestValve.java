package io.github.context4j.spring.web.tomcat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.AsyncContextImpl;
import org.apache.catalina.valves.ValveBase;

/**
 * Tells the listeners of an asynchronous request that it is complete when the container lets go of it without: when a write
 * has failed, the first event that is processed closes the connection, and the one that would have told them never is.
 *
 * <p>The access log is what the container writes last: over HTTP/1.1 once for each request, whichever way it has ended.
 */
public final class AbandonedRequestValve extends ValveBase implements AccessLog {
    private static final System.Logger logger = System.getLogger(AbandonedRequestValve.class.getName());

    /** To be added to the pipeline of a web application: an access log of the engine's takes the place of the default one. */
    public AbandonedRequestValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
    }

    @Override
    public void log(Request request, Response response, long time) {
        AsyncContextImpl abandoned = request.isAsync() ? request.getAsyncContextInternal() : null;
        if (abandoned == null) {
            return;
        }
        try {
            abandoned.fireOnComplete();
            abandoned.decrementInProgressAsyncCount(); // or a graceful shutdown would wait for it
        } catch (RuntimeException e) {
            // A stop closes connections on a thread of its own, and the request may be recycled meanwhile.
            logger.log(System.Logger.Level.DEBUG, "The listeners of a request were not told of its end", e);
        }
    }

    @Override
    public void setRequestAttributesEnabled(boolean enabled) {
        // logs nothing
    }

    @Override
    public boolean getRequestAttributesEnabled() {
        return false;
    }
}
