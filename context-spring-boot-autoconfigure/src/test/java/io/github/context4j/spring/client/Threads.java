package io.github.context4j.spring.client;

import java.lang.reflect.Method;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** The kinds of threads that calls are made on. */
enum Threads {
    PLATFORM,
    VIRTUAL;

    boolean isPresent() {
        return this == PLATFORM || Runtime.version().feature() >= 21;
    }

    /** Runs {@code task} on a new thread of this kind. */
    <T extends @Nullable Object> FutureTask<T> start(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        if (this == PLATFORM) {
            Thread thread = new Thread(future, "caller");
            thread.setDaemon(true);
            thread.start();
            return future;
        }
        try {
            Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            start.invoke(null, future);
            return future;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
