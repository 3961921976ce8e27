package io.github.context4j.spring.web.tomcat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Virtual threads, for sources that are compiled for Java 17. */
final class VirtualThreads implements AutoCloseable {
    private final ExecutorService executor;

    VirtualThreads() {
        try {
            executor = (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean isVirtual(Thread thread) {
        try {
            return (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    ExecutorService executor() {
        return executor;
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
