package io.github.context4j;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where actions run that were given no executor, and the tasks of groups. The threads inherit nothing and go when they are
 * idle. Before JDK 21 there are two pools: tasks may wait for actions.
 */
final class LibraryExecutor {
    private static final int MAX_ACTION_THREADS = 64;
    private static final int MAX_TASK_THREADS = 256;
    private static final long IDLE_SECONDS = 5;

    private static final @Nullable ThreadFactory VIRTUAL_THREADS = virtualThreads();

    /** Whether each task has a thread of its own, so that none ever waits for one. */
    static final boolean VIRTUAL = VIRTUAL_THREADS != null;

    static final Executor INSTANCE = create("context-", MAX_ACTION_THREADS);
    static final Executor TASKS = create("context-task-", MAX_TASK_THREADS);

    private LibraryExecutor() {}

    private static Executor create(String name, int maxPlatformThreads) {
        ThreadFactory virtual = VIRTUAL_THREADS;
        return virtual != null ? task -> virtual.newThread(task).start() : platformThreads(name, maxPlatformThreads);
    }

    /** A factory of virtual threads, null where the JDK has none: the baseline is Java 17, which has no such API. */
    private static @Nullable ThreadFactory virtualThreads() {
        try {
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Object virtual = Thread.class.getMethod("ofVirtual").invoke(null);
            builder.getMethod("name", String.class).invoke(virtual, "context"); // a number for each would cost a string
            builder.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(virtual, false);
            return (ThreadFactory) builder.getMethod("factory").invoke(virtual);
        } catch (ReflectiveOperationException | UnsupportedOperationException e) {
            return null; // before 21, or a preview that is not enabled
        }
    }

    private static Executor platformThreads(String name, int max) {
        AtomicLong count = new AtomicLong();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                max,
                max,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> DaemonThread.create(name + count.getAndIncrement(), task));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
