package io.github.context4j;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context.Registration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A group that the first failure cancels. */
final class ErrorGroup implements TaskGroup {
    /** The group whose task runs on this thread. */
    private static final ThreadLocal<@Nullable ErrorGroup> RUNNING = new ThreadLocal<>();

    private final CancelNode context;
    private final @Nullable Carrier carrier;
    private final GroupLedger ledger;
    private final Executor executor;

    /** The group of the task that opened this one. */
    private final @Nullable ErrorGroup outer = RUNNING.get();

    ErrorGroup(Context parent, int limit) {
        this(parent, limit, LibraryExecutor.TASKS);
    }

    @SuppressWarnings("MustBeClosed") // closed with the group
    ErrorGroup(Context parent, int limit, Executor executor) {
        if (limit <= 0) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: > 0)");
        }
        this.executor = executor;
        ledger = new GroupLedger(limit);
        carrier = requireNonNull(parent, "parent").get(Carrier.KEY);
        context = (CancelNode) parent.withCancel();
    }

    /** Notes that this thread runs a task of {@code group}; returns what {@link #leave} is to be given afterwards. */
    static @Nullable ErrorGroup enter(ErrorGroup group) {
        ErrorGroup previous = RUNNING.get();
        RUNNING.set(group);
        return previous;
    }

    static void leave(@Nullable ErrorGroup previous) {
        RUNNING.set(previous);
    }

    @Override
    public CancelNode context() {
        return context;
    }

    @Override
    public <T extends @Nullable Object> Fork<T> fork(Callable<? extends T> task) {
        GroupTask<T> fork = new GroupTask<>(this, requireNonNull(task, "task"));
        if (ledger.add(fork, true)) {
            start(fork);
        }
        return fork;
    }

    @Override
    public <T extends @Nullable Object> @Nullable Fork<T> tryFork(Callable<? extends T> task) {
        GroupTask<T> fork = new GroupTask<>(this, requireNonNull(task, "task"));
        if (!ledger.add(fork, false)) {
            return null;
        }
        start(fork);
        return fork;
    }

    /** What a task that is forked by this thread takes along. */
    Carrier.@Nullable Load capture() {
        return carrier == null ? null : carrier.capture();
    }

    /** Starts {@code task}; if it must not or cannot be started, it has failed, and the next one has its turn. */
    private void start(GroupTask<?> task) {
        GroupTask<?> next = task;
        while (next != null) {
            Throwable reason = execute(next);
            if (reason == null || !next.giveUp(reason)) {
                return; // it will run, or somebody has begun it
            }
            next = end(next, false);
        }
    }

    /** Returns why {@code task} does not start, null if it does. */
    private @Nullable Throwable execute(GroupTask<?> task) {
        ContextException ended = context.exception();
        if (ended != null) {
            return ended;
        }
        try {
            executor.execute(task);
            return null;
        } catch (Throwable rejected) { // no thread, no memory
            return rejected;
        }
    }

    /** Called by a task that has ended, on its thread. */
    void finish(GroupTask<?> task, boolean ran) {
        GroupTask<?> next = end(task, ran);
        if (next != null) {
            start(next);
        }
    }

    private @Nullable GroupTask<?> end(GroupTask<?> task, boolean ran) {
        Throwable failure = task.failure();
        if (failure != null && ledger.fail(failure, ran)) {
            context.cancel(failure); // before the task is off the books: whoever joins finds the context ended by it
        }
        return ledger.end();
    }

    @Override
    public void join() throws InterruptedException {
        Throwable failure = awaitAll();
        if (failure != null) {
            throw GroupFailures.unchecked(failure);
        }
    }

    @Override
    public <X extends Exception> void join(Class<X> checked) throws X, InterruptedException {
        requireNonNull(checked, "checked");
        Throwable failure = awaitAll();
        if (checked.isInstance(failure)) {
            throw checked.cast(failure);
        }
        if (failure != null) {
            throw GroupFailures.unchecked(failure);
        }
    }

    private @Nullable Throwable awaitAll() throws InterruptedException {
        refuseFromInside();
        ledger.awaitOver(() -> false, mayHelp());
        context.close();
        return ledger.failure();
    }

    @Override
    public List<Outcome<?>> collect() throws InterruptedException {
        refuseFromInside();
        try (Registration waking = context.onDone(ledger::wake, Runnable::run)) {
            ledger.awaitOver(context::isDone, mayHelp());
        }
        List<Outcome<?>> outcomes = ledger.outcomes();
        context.close();
        return outcomes;
    }

    @Override
    public void close() {
        refuseFromInside();
        context.end(End.ABANDONED);
        boolean interrupted = false;
        boolean over = false;
        while (!over) {
            try {
                ledger.awaitOver(() -> false, mayHelp());
                over = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuseFromInside() {
        for (ErrorGroup group = RUNNING.get(); group != null; group = group.outer) {
            if (group == this) {
                throw new IllegalStateException(
                        "a task of this group cannot wait for the group: it would wait for itself");
            }
        }
    }

    /** Where threads are few, one that runs a task and waits for others must not leave them waiting for a thread. */
    private static boolean mayHelp() {
        return !LibraryExecutor.VIRTUAL && RUNNING.get() != null;
    }
}
