package io.github.context4j.spring.jdbc;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that send the cancels of one data source, since sending blocks. Four: a server forks a process for each
 * request, so that more do not make it faster, and virtual threads made it slower. They exist while there is something to
 * cancel. Aborting a connection is never left to them: when a network stops, all four are stuck.
 */
final class Cancellers implements Executor {
    private static final int THREADS = 4;
    private static final long IDLE_SECONDS = 5;

    private final AtomicInteger count = new AtomicInteger();
    private final ThreadPoolExecutor pool;

    Cancellers(String dependency) {
        pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon("context-cancel-" + dependency + "-" + count.incrementAndGet(), task));
        pool.allowCoreThreadTimeOut(true);
    }

    /** A thread of the library's; it inherits nothing. */
    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }
}
