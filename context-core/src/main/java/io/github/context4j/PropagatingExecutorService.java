package io.github.context4j;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs each task with the context that was current where it was submitted. */
final class PropagatingExecutorService extends AbstractExecutorService {
    private final ExecutorService executor;

    PropagatingExecutorService(ExecutorService executor) {
        this.executor = requireNonNull(executor, "executor");
    }

    static Executor of(Executor executor) {
        requireNonNull(executor, "executor");
        return task -> executor.execute(Context.current().wrap(task));
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(Context.current().wrap(task));
    }

    @Override
    public void shutdown() {
        executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return executor.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return executor.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return executor.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return executor.awaitTermination(timeout, unit);
    }
}
