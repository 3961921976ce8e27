package io.github.context4j;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Where actions run that were given no executor. Its threads inherit nothing and go when they are idle. */
final class LibraryExecutor {
    private static final int MAX_PLATFORM_THREADS = 64;
    private static final long IDLE_SECONDS = 5;

    static final Executor INSTANCE = create();

    private LibraryExecutor() {}

    private static Executor create() {
        ThreadFactory virtual = virtualThreads();
        return virtual != null ? task -> virtual.newThread(task).start() : platformThreads();
    }

    /** A factory of virtual threads, null where the JDK has none: the baseline is Java 17, which has no such API. */
    private static @Nullable ThreadFactory virtualThreads() {
        try {
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Object virtual = Thread.class.getMethod("ofVirtual").invoke(null);
            builder.getMethod("name", String.class, long.class).invoke(virtual, "context-", 0L);
            builder.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(virtual, false);
            return (ThreadFactory) builder.getMethod("factory").invoke(virtual);
        } catch (ReflectiveOperationException | UnsupportedOperationException e) {
            return null; // before 21, or a preview that is not enabled
        }
    }

    private static Executor platformThreads() {
        AtomicLong count = new AtomicLong();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MAX_PLATFORM_THREADS,
                MAX_PLATFORM_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> DaemonThread.create("context-" + count.getAndIncrement(), task));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
