package io.github.context4j.spring.web;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts how often asynchronous requests complete. */
record CountingListener(AtomicInteger completed) implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {
        completed.incrementAndGet();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // onComplete follows
    }

    @Override
    public void onError(AsyncEvent event) {
        // onComplete follows
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }
}
