package io.github.context4j;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.MustBeClosed;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries a cancellation signal, a deadline and request-scoped values from the start of a piece of work to everything
 * that is done for it: Go's {@code context.Context}.
 *
 * <p>Contexts form a tree. A derived context ends when it is canceled, when its deadline passes, or when its parent ends,
 * whichever is first; it never outlives its parent. A parent knows nothing of what its children decide.
 *
 * <p><b>A context governs what runs while it is {@linkplain #current() current}.</b> Data sources and clients that obey
 * contexts look at the current one. {@link #call}, {@link #run} and {@link #callWithin} make a context current while an
 * operation runs; a context that is derived and never made current governs nothing.
 *
 * <p>Every method may be called by any thread at any time, and refuses null with a {@link NullPointerException} that names
 * the parameter. The end of a context interrupts no thread but those inside {@link #interruptibly} and {@link #await}, which
 * take that interrupt back; and a future of {@link #cancelOnDone} that is canceled may interrupt its own. Asking
 * ({@link #state}, {@link #cause}, {@link #deadline}, {@link #get}) writes nothing and takes no lock. Contexts guard
 * themselves by their own monitors: do not synchronize on them.
 */
public sealed interface Context permits CancelableContext, BaseContext {

    /** What has become of a context. It leaves {@link #ACTIVE} at most once and never comes back. */
    enum State {
        /** Neither canceled nor past its deadline. */
        ACTIVE,
        /** Ended by a call to {@code cancel} or {@code close}, its own or an ancestor's. */
        CANCELED,
        /** Ended because a deadline passed, its own or an ancestor's. */
        DEADLINE_EXCEEDED
    }

    /**
     * An operation with a result.
     *
     * @param <T> the type of the result
     * @param <X> what it throws besides unchecked exceptions
     */
    @FunctionalInterface
    interface Op<T extends @Nullable Object, X extends Throwable> {
        /** Runs the operation. */
        T call() throws X;
    }

    /**
     * An operation without a result.
     *
     * @param <X> what it throws besides unchecked exceptions
     */
    @FunctionalInterface
    interface VoidOp<X extends Throwable> {
        /** Runs the operation. */
        void run() throws X;
    }

    /** Keeps a context current on one thread until it is closed on that thread, in the reverse order of opening. */
    interface Scope extends AutoCloseable {
        /**
         * Makes the context current that was so before. Idempotent. What is out of order is logged as a warning: with a
         * scope that is closed too early the scopes inside it are closed too; on another thread, or while a context is
         * current that no scope made so, nothing is changed.
         */
        @Override
        void close();
    }

    /** An action that waits for a context to end. */
    interface Registration extends AutoCloseable {
        /**
         * Takes the action back; does not block.
         *
         * @return true if this call took it back, so that it never runs; false if it has started, or was taken back before
         */
        boolean stop();

        /**
         * Takes the action back, or else waits until its run has ended, interrupts notwithstanding (the flag is kept).
         * From inside the action itself it returns at once.
         */
        @Override
        void close();
    }

    /** The root that never ends and has neither values nor deadline. */
    static Context background() {
        return RootContext.BACKGROUND;
    }

    /** A root for code that does not know yet which context it should use: Go's {@code context.TODO()}. */
    static Context todo() {
        return RootContext.TODO;
    }

    /** The context that is current on this thread, {@link #background()} where none is. */
    static Context current() {
        Context current = CurrentContext.get();
        return current != null ? current : RootContext.BACKGROUND;
    }

    /** Runs {@code op} with this context current on the calling thread, whether or not this context is done. */
    <T extends @Nullable Object, X extends Throwable> T call(Op<? extends T, ? extends X> op) throws X;

    /** Runs {@code op} with this context current on the calling thread, whether or not this context is done. */
    <X extends Throwable> void run(VoidOp<? extends X> op) throws X;

    /**
     * Derives a context that ends after {@code timeout} at the latest, runs {@code op} with it current, and closes it:
     * Go's {@code ctx, cancel := context.WithTimeout(ctx, timeout); defer cancel()}. This context stays as it is.
     *
     * <p>That {@code op} ends in time is up to what it calls: what obeys contexts throws when the time is over, anything else
     * goes on, and its result is returned however late it is.
     *
     * @param timeout zero or less: {@code op} runs under a context that is already done
     */
    <T extends @Nullable Object, X extends Throwable> T callWithin(Duration timeout, Op<? extends T, ? extends X> op)
            throws X;

    /** As {@link #callWithin}, without a result. */
    <X extends Throwable> void runWithin(Duration timeout, VoidOp<? extends X> op) throws X;

    /** Makes this context current on the calling thread until the scope is closed; prefer {@link #call}. */
    @MustBeClosed
    Scope makeCurrent();

    /** Derives a context that can be canceled: Go's {@code WithCancel} and {@code WithCancelCause}. */
    @MustBeClosed
    CancelableContext withCancel();

    /**
     * Derives a context that ends {@code timeout} from now, by the clock of this context's deadlines: the monotonic one of
     * {@link System#nanoTime()}, but below the root of a {@link ManualTime} that one.
     *
     * @param timeout zero or less: the context is already done
     */
    @MustBeClosed
    CancelableContext withTimeout(Duration timeout);

    /** As {@link #withTimeout(Duration)}; {@code cause} is its {@link #cause()} if the time-out is what ends it. */
    @MustBeClosed
    CancelableContext withTimeout(Duration timeout, Throwable cause);

    /**
     * Derives a context that ends at {@code deadline}, or when this one ends, if that is earlier.
     *
     * @throws IllegalArgumentException if the deadline is on another clock than those of this context, see {@link ManualTime}
     */
    @MustBeClosed
    CancelableContext withDeadline(Deadline deadline);

    /** As {@link #withDeadline(Deadline)}; {@code cause} is its {@link #cause()} if the deadline is what ends it. */
    @MustBeClosed
    CancelableContext withDeadline(Deadline deadline, Throwable cause);

    /** Derives a context in which {@code key} has {@code value}; for data of the request, not for parameters. */
    <T> Context withValue(Key<T> key, T value);

    /** Derives a context with this one's values that neither ends with it nor has its deadline. */
    Context withoutCancel();

    /** What has become of this context. */
    State state();

    /** Whether this context has ended. */
    boolean isDone();

    /**
     * Returns if this context is active. That is one volatile read and a comparison, so a loop that does any work may ask in
     * every iteration:
     *
     * {@snippet :
     * static long sum(Context ctx, long[] numbers) {
     *     long sum = 0;
     *     for (long number : numbers) {
     *         ctx.throwIfDone();
     *         sum += number;
     *     }
     *     return sum;
     * }
     * }
     *
     * <p>Where an iteration is a few instructions, which the compiler could do several at a time, it is a habit to ask every
     * thousand:
     *
     * {@snippet :
     * static long sumOfBytes(Context ctx, byte[] bytes) {
     *     long sum = 0;
     *     for (int i = 0; i < bytes.length; i++) {
     *         if (i % 1_000 == 0) {
     *             ctx.throwIfDone();
     *         }
     *         sum += bytes[i];
     *     }
     *     return sum;
     * }
     * }
     *
     * @throws CanceledException if it was canceled
     * @throws DeadlineExceededException if its deadline has passed
     */
    void throwIfDone();

    /**
     * Why this context ended: what {@code cancel} was called with, or a default; Go's {@code context.Cause}. Null exactly
     * while the context is active. The instance is shared: do not add suppressed exceptions to it.
     */
    @Nullable
    Throwable cause();

    /** A new exception that says that and why this context ended, null while it is active; Go's {@code ctx.Err()}. */
    @Nullable
    ContextException exception();

    /** The instant at which this context ends at the latest, null if there is none; it never changes. */
    @Nullable
    Deadline deadline();

    /** The value of {@code key} here or in the nearest ancestor that has one, null if none has. */
    <T> @Nullable T get(Key<T> key);

    /**
     * Runs {@code action} once when this context ends, at once if it has: Go's {@code AfterFunc}. It runs on the library's
     * own executor (virtual threads where the JDK has them, else up to 64 daemon threads), not on the thread that cancels.
     * What it throws is logged as a warning. When a context ends, it and all that were derived from it are done before the
     * first action starts; the actions of one context start in the order of registration.
     */
    Registration onDone(Runnable action);

    /**
     * As {@link #onDone(Runnable)}, on {@code executor}. With {@code Runnable::run} the action runs on the thread that
     * cancels, on the timer thread, or here if this context is done: for actions that neither block nor compute. An executor
     * that rejects the action is replaced by the library's own.
     */
    Registration onDone(Runnable action, Executor executor);

    /**
     * Cancels {@code future} when this context ends, at once if it has, by {@link Future#cancel cancel(true)} on the library's
     * own executor. A {@link java.util.concurrent.CompletionStage CompletionStage}, as {@code CompletableFuture} is, is
     * forgotten when it completes; any other future when this context ends, so give it a context that ends with the work.
     *
     * @return {@code future}
     */
    @CanIgnoreReturnValue
    <F extends Future<?>> F cancelOnDone(F future);

    /**
     * Waits until this context ends; where nothing can end it, until the thread is interrupted.
     *
     * @throws InterruptedException if the thread is interrupted before or meanwhile
     */
    void awaitDone() throws InterruptedException;

    /**
     * Waits for {@code time}, by the clock of this context's deadlines; zero or less does not wait.
     *
     * @throws ContextException if this context is done, before or meanwhile
     * @throws InterruptedException if the thread is interrupted before or meanwhile
     */
    void sleep(Duration time) throws InterruptedException;

    /**
     * Waits for {@code future}, which is left alone if this context ends first: see {@link #cancelOnDone}. A future that has
     * completed wins over a context that is done.
     *
     * @throws ContextException if this context ends before the future completes
     * @throws java.util.concurrent.CancellationException if the future was canceled
     * @throws ExecutionException if the future failed
     * @throws InterruptedException if somebody else interrupts the thread
     */
    <T extends @Nullable Object> T await(Future<T> future) throws ExecutionException, InterruptedException;

    /**
     * Runs {@code op}, which blocks and can be interrupted, and interrupts it when this context ends: Go's {@code select} on
     * {@code ctx.Done()}. For example {@code ctx.interruptibly(queue::take)}; likewise semaphores, latches and
     * {@code lockInterruptibly}. If {@code op} returns a value all the same, that is the result.
     *
     * <p>The interrupt is sent only while {@code op} runs, is taken back afterwards, and comes out as a
     * {@link ContextException} with what {@code op} threw as suppressed, also where {@code op} wrapped its
     * {@code InterruptedException}. Anybody else's interrupt comes out as {@code op} lets it out, also where both
     * arrive; but a thread has only one flag, so one that comes after ours, before {@code op} has noticed ours or after it has
     * swallowed it, is taken back with it.
     *
     * @throws ContextException if this context is done before {@code op} starts, or interrupted it
     * @throws X if {@code op} does
     */
    <T extends @Nullable Object, X extends Throwable> T interruptibly(Op<? extends T, ? extends X> op) throws X;

    /** A task that runs {@code task} with this context current, and with what its {@link Carrier} takes along from here. */
    Runnable wrap(Runnable task);

    /** As {@link #wrap(Runnable)}. */
    <T extends @Nullable Object> Callable<T> wrap(Callable<T> task);

    /** As {@link #wrap(Runnable)}: a supplier that asks {@code supplier} with this context current. */
    <T extends @Nullable Object> Supplier<T> wrapSupplier(Supplier<T> supplier);

    /**
     * An executor that runs each task with the context current that was so where the task was submitted, and with what its
     * {@link Carrier} takes along from there.
     */
    static Executor propagating(Executor executor) {
        return PropagatingExecutorService.of(executor);
    }

    /** As {@link #propagating(Executor)}. */
    static ExecutorService propagating(ExecutorService executor) {
        return new PropagatingExecutorService(executor);
    }

    /**
     * Names a value of type {@code T}. Keys are equal only to themselves, so that nobody reads a value without having its
     * key; the name is for messages.
     *
     * @param <T> the type of the value
     */
    @SuppressWarnings("UnusedTypeParameter") // ties the value's type to the key
    final class Key<T> {
        private static final AtomicInteger COUNT = new AtomicInteger();

        private final String name;

        /** Different keys differ in the low bits, too. */
        final int hash = COUNT.getAndIncrement();

        private Key(String name) {
            this.name = name;
        }

        /** A new key, different from every other, also from those of the same name. */
        public static <T> Key<T> named(String name) {
            return new Key<>(Objects.requireNonNull(name, "name"));
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
