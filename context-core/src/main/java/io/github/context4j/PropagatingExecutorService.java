package io.github.context4j;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs each task with the context that was current where it was submitted. */
final class PropagatingExecutorService extends AbstractExecutorService {
    private final ExecutorService executor;

    PropagatingExecutorService(ExecutorService executor) {
        this.executor = requireNonNull(executor, "executor");
    }

    static Executor of(Executor executor) {
        requireNonNull(executor, "executor");
        return task -> executor.execute(Task.of(task));
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(Task.of(task));
    }

    @Override
    public void shutdown() {
        executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        // As they were submitted: a caller may cancel the futures among them.
        return executor.shutdownNow().stream().map(Task::submitted).toList();
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

    private record Task(BaseContext context, Carrier.@Nullable Load load, Runnable task) implements Runnable {
        static Task of(Runnable task) {
            requireNonNull(task, "task");
            Context context = Context.current();
            return new Task((BaseContext) context, Carrier.captureFor(context), task);
        }

        static Runnable submitted(Runnable queued) {
            return queued instanceof Task own ? own.task : queued;
        }

        @Override
        public void run() {
            context.carriedRun(load, task);
        }
    }
}
