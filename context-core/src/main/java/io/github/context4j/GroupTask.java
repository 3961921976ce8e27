package io.github.context4j;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A task of an {@link ErrorGroup}: run, or given up, by whoever takes the callable. */
final class GroupTask<T extends @Nullable Object> implements TaskGroup.Fork<T>, Runnable {
    private final ErrorGroup group;
    private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
    /** Of whoever has the callable, who lets it go as well. */
    private Carrier.@Nullable Load load;

    /** Null when the task has begun, so that what it needed can go when it has ended. */
    private final AtomicReference<@Nullable Callable<? extends T>> callable;

    private volatile TaskGroup.Outcome<T> outcome = new TaskGroup.Outcome.Unfinished<>();

    GroupTask(ErrorGroup group, Callable<? extends T> callable) {
        this.group = group;
        this.load = group.capture();
        this.callable = new AtomicReference<>(callable);
    }

    /** Runs the task, unless somebody has begun it. */
    @Override
    public void run() {
        Callable<? extends T> task = callable.getAndSet(null);
        if (task == null) {
            return;
        }
        boolean ran = false;
        try {
            ContextException ended = group.context().exception();
            ran = ended == null;
            outcome = ended != null ? new TaskGroup.Outcome.Failure<>(ended) : call(task);
        } finally {
            group.finish(this, ran); // whatever happens: somebody waits for it
        }
    }

    private TaskGroup.Outcome<T> call(Callable<? extends T> task) {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        ErrorGroup outer = ErrorGroup.enter(group);
        thread.setContextClassLoader(loader);
        try {
            return new TaskGroup.Outcome.Success<>(group.context().<T, Exception>carried(takeLoad(), task::call));
        } catch (Throwable failure) {
            return new TaskGroup.Outcome.Failure<>(failure);
        } finally {
            thread.setContextClassLoader(own);
            ErrorGroup.leave(outer);
        }
    }

    /**
     * Ends the task without having run it.
     *
     * @return false if somebody has begun it
     */
    boolean giveUp(Throwable reason) {
        if (callable.getAndSet(null) == null) {
            return false;
        }
        load = null;
        outcome = new TaskGroup.Outcome.Failure<>(reason);
        return true;
    }

    private Carrier.@Nullable Load takeLoad() {
        Carrier.Load taken = load;
        load = null;
        return taken;
    }

    boolean hasBegun() {
        return callable.get() == null;
    }

    @Nullable
    Throwable failure() {
        return outcome instanceof TaskGroup.Outcome.Failure<T> failed ? failed.failure() : null;
    }

    @Override
    public T get() {
        TaskGroup.Outcome<T> seen = outcome;
        if (seen instanceof TaskGroup.Outcome.Success<T> success) {
            return success.value();
        }
        if (seen instanceof TaskGroup.Outcome.Failure<T> failed) {
            throw GroupFailures.unchecked(failed.failure());
        }
        throw new IllegalStateException("the task has not ended: join the group before asking for its result");
    }

    @Override
    public TaskGroup.Outcome<T> outcome() {
        return outcome;
    }
}
