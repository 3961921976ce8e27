package io.github.context4j.benchmarks;

import io.netty.util.HashedWheelTimer;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The timers of others, as one would set them up for deadlines. */
final class Schedulers {
    private static final ThreadFactory DAEMONS = task -> {
        Thread thread = new Thread(task, "scheduler");
        thread.setDaemon(true);
        return thread;
    };

    private Schedulers() {}

    static ScheduledExecutorService threadPool() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, DAEMONS);
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /**
     * A pool that has a scheduler of its own.
     *
     * @throws UnsupportedOperationException before JDK 25
     */
    static ScheduledExecutorService forkJoin() {
        // The class has had the interface since 25, and the baseline is 17.
        if (new ForkJoinPool(1) instanceof ScheduledExecutorService pool) {
            return pool;
        }
        throw new UnsupportedOperationException("ForkJoinPool.schedule: needs JDK 25");
    }

    static HashedWheelTimer wheel(int tickMillis) {
        return new HashedWheelTimer(DAEMONS, tickMillis, TimeUnit.MILLISECONDS);
    }
}
