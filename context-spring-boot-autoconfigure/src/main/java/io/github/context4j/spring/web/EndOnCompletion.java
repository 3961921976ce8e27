package io.github.context4j.spring.web;

import io.github.context4j.spring.ClientDisconnectedException;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;

/** Ends the context of an asynchronous request when the request completes. */
final class EndOnCompletion implements AsyncListener {
    private final RequestContext context;

    EndOnCompletion(RequestContext context) {
        this.context = context;
    }

    @Override
    public void onComplete(AsyncEvent event) {
        context.end();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // The container's own time-out; what it dispatches to, or completion, ends the context.
    }

    @Override
    public void onError(AsyncEvent event) {
        if (event.getThrowable() instanceof IOException) {
            context.clientLeft(ClientDisconnectedException.Kind.WRITE_FAILED);
        }
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Listeners do not survive a further startAsync().
        event.getAsyncContext().addListener(this);
    }
}
