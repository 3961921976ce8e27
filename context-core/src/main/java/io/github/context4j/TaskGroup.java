package io.github.context4j;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks side by side as one piece of work: Go's {@code errgroup}. The first failure cancels the others; nobody goes on
 * before all have ended.
 *
 * {@snippet :
 * try (var group = TaskGroup.open(ctx)) {
 *     var user = group.fork(() -> users.load(id));
 *     var bio = group.fork(() -> llm.summarize(id));
 *     group.join();
 *     return new UserPage(user.get(), bio.get());
 * }
 * }
 *
 * <p>Each task runs with {@link #context()} current, on a virtual thread of its own where the JDK has them (21 and later), else
 * on one of up to 256 daemon threads that all groups share. There, a task that joins a group of its own runs those of its tasks
 * that no thread has begun, so that nested groups need no thread to get on. A task has the class loader of the thread that
 * forked it as its context class loader, and what the {@link Carrier} of the context takes along. No task is interrupted by
 * its group.
 *
 * <p>Every method may be called by any thread. {@link #join()}, {@link #collect()} and {@link #close()} wait for all tasks, so
 * a task of the group itself, or of a group inside it, that calls one of them is refused with an
 * {@link IllegalStateException}.
 */
public sealed interface TaskGroup extends AutoCloseable permits ErrorGroup {

    /**
     * How a task ended, or that it has not.
     *
     * @param <T> the type of the task's result
     */
    sealed interface Outcome<T extends @Nullable Object> {
        /** The task returned {@code value}. */
        record Success<T extends @Nullable Object>(T value) implements Outcome<T> {}

        /** The task threw {@code failure}, or was not started because the group's context was done: that is it then. */
        record Failure<T extends @Nullable Object>(Throwable failure) implements Outcome<T> {}

        /** The task has not ended. */
        record Unfinished<T extends @Nullable Object>() implements Outcome<T> {}
    }

    /**
     * A task that was forked.
     *
     * @param <T> the type of its result
     */
    sealed interface Fork<T extends @Nullable Object> permits GroupTask {
        /**
         * What the task returned; does not wait. If it failed, its failure is thrown as by {@link TaskGroup#join()}.
         *
         * @throws IllegalStateException if the task has not ended
         */
        T get();

        /** How the task has ended by now; does not wait. */
        Outcome<T> outcome();
    }

    /** Opens a group without a limit, whose context is derived from {@code parent}. */
    @MustBeClosed
    static TaskGroup open(Context parent) {
        return new ErrorGroup(parent, GroupLedger.NONE);
    }

    /**
     * Opens a group of which at most {@code limit} tasks run at a time.
     *
     * @throws IllegalArgumentException if {@code limit} is not positive
     */
    @MustBeClosed
    static TaskGroup open(Context parent, int limit) {
        return new ErrorGroup(parent, limit);
    }

    /**
     * The context of the tasks. It is canceled, with the failure as its cause, when the first task fails, and closed when
     * {@link #join()} or {@link #collect()} returns.
     */
    Context context();

    /**
     * Starts {@code task}; does not wait. Beyond the limit it starts when others have ended, in the order of forking: unlike
     * Go's, a fork from inside a task cannot block it. A task that would start under a done context is not run and has failed
     * with the context's exception.
     *
     * @throws IllegalStateException if the group has been joined, collected or closed
     */
    <T extends @Nullable Object> Fork<T> fork(Callable<? extends T> task);

    /** As {@link #fork(Callable)}, for a task without a result: null. */
    default Fork<@Nullable Void> fork(Context.VoidOp<? extends Exception> task) {
        Objects.requireNonNull(task, "task");
        return this.<@Nullable Void>fork(() -> {
            task.run();
            return null;
        });
    }

    /**
     * Starts {@code task} if it can start at once.
     *
     * @return null if as many tasks run as may
     * @throws IllegalStateException if the group has been joined, collected or closed
     */
    <T extends @Nullable Object> @Nullable Fork<T> tryFork(Callable<? extends T> task);

    /**
     * Waits until all tasks have ended, also if the context is done, and then throws the first failure, if there was one. An
     * unchecked exception or error is thrown as it is; a checked exception as the cause of a
     * {@link java.util.concurrent.CompletionException CompletionException}, as by {@code CompletableFuture.join()}: for those
     * that you expect there is {@link #join(Class)}. The other failures are added to the first as suppressed, but for
     * those that only pass the first one on.
     *
     * @throws InterruptedException if the thread is interrupted before or meanwhile; the tasks go on, {@link #close()} cancels
     *     them
     */
    void join() throws InterruptedException;

    /** As {@link #join()}; a failure of the type {@code checked} is thrown as it is, too. */
    <X extends Exception> void join(Class<X> checked) throws X, InterruptedException;

    /**
     * Waits until all tasks have ended or the context is done, by its deadline or by a failure, and tells what there is by
     * then. A task whose failure is to harm no other catches it itself.
     *
     * @return the outcomes in the order of forking
     * @throws InterruptedException if the thread is interrupted before or meanwhile
     */
    List<Outcome<?>> collect() throws InterruptedException;

    /**
     * Cancels the tasks and waits until they have ended, interrupts notwithstanding (the flag is kept). What they throw by now
     * is lost. Idempotent.
     */
    @Override
    void close();
}
