package io.github.context4j.spring.web.tomcat;

import io.github.context4j.spring.web.DisconnectWatch;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Ends the watch over a request when the application has returned, before the container flushes what is left of the
 * response: a client that has its response may leave, and often has left before the container is done with the request.
 */
public final class HandlerReturnValve extends ValveBase {
    /** To be added to the pipeline of the engine. */
    public HandlerReturnValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        try {
            getNext().invoke(request, response);
        } finally {
            if (!request.isAsync()
                    && request.getCoyoteRequest().getAttribute(DisconnectWatch.ATTRIBUTE)
                            instanceof RequestWatch watch) {
                watch.end();
                if (watch.isCutOff()) {
                    forgetFailedWrites(response);
                }
            }
        }
    }

    /**
     * A thread of the application may have written to a client that is gone, or is about to. The container would take that
     * for the failure of an asynchronous request that it has completed by now, and complete it once more.
     */
    private static void forgetFailedWrites(Response response) {
        response.setSuspended(true);
        response.resetError();
    }
}
