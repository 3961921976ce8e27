package io.github.context4j;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The kinds of threads that code under a context runs on. */
enum ThreadKind {
    PLATFORM,
    /** On JDK 21 and later. */
    VIRTUAL;

    private static final long LIMIT_SECONDS = 60;

    static List<ThreadKind> available() {
        List<ThreadKind> kinds = new ArrayList<>(List.of(PLATFORM));
        if (Runtime.version().feature() >= 21) {
            kinds.add(VIRTUAL);
        }
        return kinds;
    }

    Thread start(Runnable task) {
        Thread thread = factory().newThread(task);
        thread.start();
        return thread;
    }

    /** Runs {@code task} on a new thread of this kind, and gives or throws what it does. */
    <T> T call(Callable<T> task) throws Exception {
        FutureTask<T> running = new FutureTask<>(task);
        start(running);
        try {
            return running.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception own) {
                throw own;
            }
            throw new AssertionError(e.getCause());
        }
    }

    private ThreadFactory factory() {
        if (this == PLATFORM) {
            return task -> {
                Thread thread = new Thread(task, "platform");
                thread.setDaemon(true);
                return thread;
            };
        }
        try { // the tests are compiled for Java 17, too
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder")
                    .getMethod("factory")
                    .invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no virtual threads", e);
        }
    }
}
