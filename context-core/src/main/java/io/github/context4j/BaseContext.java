package io.github.context4j;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all contexts have in common. */
abstract sealed class BaseContext extends Link implements Context permits RootContext, ValueContext, CancelNode {
    final @Nullable Deadline deadline;

    BaseContext(@Nullable Deadline deadline) {
        this.deadline = deadline;
    }

    /** The nearest context, this one or an ancestor, that ends this one; null if none can. */
    abstract @Nullable CancelNode owner();

    /** The nearest context, this one or an ancestor, that has a value; null if none has. */
    abstract @Nullable ValueContext values();

    /** The clock of the deadlines, the same in a whole tree. */
    abstract Ticker ticker();

    @Override
    public final <T extends @Nullable Object, X extends Throwable> T call(Op<? extends T, ? extends X> op) throws X {
        requireNonNull(op, "op");
        Context previous = CurrentContext.exchange(this);
        try {
            return op.call();
        } finally {
            CurrentContext.exchange(previous);
        }
    }

    @Override
    public final <X extends Throwable> void run(VoidOp<? extends X> op) throws X {
        requireNonNull(op, "op");
        Context previous = CurrentContext.exchange(this);
        try {
            op.run();
        } finally {
            CurrentContext.exchange(previous);
        }
    }

    @Override
    public final <T extends @Nullable Object, X extends Throwable> T callWithin(
            Duration timeout, Op<? extends T, ? extends X> op) throws X {
        requireNonNull(op, "op");
        try (CancelableContext bounded = withTimeout(timeout)) {
            return bounded.<T, X>call(op);
        }
    }

    @Override
    public final <X extends Throwable> void runWithin(Duration timeout, VoidOp<? extends X> op) throws X {
        requireNonNull(op, "op");
        try (CancelableContext bounded = withTimeout(timeout)) {
            bounded.<X>run(op);
        }
    }

    @Override
    public final Scope makeCurrent() {
        return ThreadScope.open(this);
    }

    @Override
    public final CancelableContext withCancel() {
        return new CancelNode(this, deadline).join();
    }

    @Override
    public final CancelableContext withTimeout(Duration timeout) {
        return derive(after(timeout), null, isOver(timeout));
    }

    @Override
    public final CancelableContext withTimeout(Duration timeout, Throwable cause) {
        return derive(after(timeout), exceeded(cause), isOver(timeout));
    }

    @Override
    public final CancelableContext withDeadline(Deadline deadline) {
        requireNonNull(deadline, "deadline");
        return derive(deadline, null, deadline.isExpired());
    }

    @Override
    public final CancelableContext withDeadline(Deadline deadline, Throwable cause) {
        requireNonNull(deadline, "deadline");
        return derive(deadline, exceeded(cause), deadline.isExpired());
    }

    private Deadline after(Duration timeout) {
        return Deadline.after(requireNonNull(timeout, "timeout"), ticker());
    }

    private static boolean isOver(Duration timeout) {
        return timeout.isNegative() || timeout.isZero();
    }

    private static End exceeded(Throwable cause) {
        return new End(State.DEADLINE_EXCEEDED, requireNonNull(cause, "cause"));
    }

    private CancelableContext derive(Deadline wanted, @Nullable End onTime, boolean expired) {
        if (wanted.ticker() != ticker()) {
            throw new IllegalArgumentException("deadline: " + wanted + " is on another clock than this context");
        }
        if (deadline != null && deadline.compareTo(wanted) <= 0) {
            return new CancelNode(this, deadline).join();
        }
        return CancelNode.Timed.of(this, wanted, onTime).start(expired);
    }

    @Override
    public final <T> Context withValue(Key<T> key, T value) {
        return new ValueContext(this, requireNonNull(key, "key"), requireNonNull(value, "value"));
    }

    @Override
    public final Context withoutCancel() {
        return new RootContext("withoutCancel", values(), ticker());
    }

    @Nullable
    End end() {
        CancelNode owner = owner();
        return owner == null ? null : owner.end();
    }

    @Override
    public final State state() {
        End end = end();
        return end == null ? State.ACTIVE : end.state();
    }

    @Override
    public final boolean isDone() {
        return end() != null;
    }

    @Override
    public final void throwIfDone() {
        End end = end();
        if (end != null) {
            throw end.toException();
        }
    }

    @Override
    public final @Nullable Throwable cause() {
        End end = end();
        return end == null ? null : end.cause();
    }

    @Override
    public final @Nullable ContextException exception() {
        End end = end();
        return end == null ? null : end.toException();
    }

    @Override
    public final @Nullable Deadline deadline() {
        return deadline;
    }

    @Override
    @SuppressWarnings("unchecked") // withValue took key and value of the same type
    public final <T> @Nullable T get(Key<T> key) {
        requireNonNull(key, "key");
        ValueContext nearest = values();
        return nearest == null ? null : (T) nearest.find(key);
    }

    @Override
    public final Registration onDone(Runnable action) {
        return onDone(action, LibraryExecutor.INSTANCE);
    }

    @Override
    public final Registration onDone(Runnable action, Executor executor) {
        Listener listener =
                new Listener(owner(), requireNonNull(action, "action"), requireNonNull(executor, "executor"));
        listener.listen();
        return listener;
    }

    @Override
    public final <F extends Future<?>> F cancelOnDone(F future) {
        Waiting.cancelOnDone(this, requireNonNull(future, "future"));
        return future;
    }

    @Override
    public final void awaitDone() throws InterruptedException {
        Waiting.awaitDone(this);
    }

    @Override
    public final void sleep(Duration time) throws InterruptedException {
        Waiting.sleep(this, requireNonNull(time, "time"));
    }

    @Override
    public final <T extends @Nullable Object> T await(Future<T> future)
            throws ExecutionException, InterruptedException {
        return Waiting.await(this, requireNonNull(future, "future"));
    }

    @Override
    public final <T extends @Nullable Object, X extends Throwable> T interruptibly(Op<? extends T, ? extends X> op)
            throws X {
        return InterruptRegion.<T, X>call(this, requireNonNull(op, "op"));
    }

    @Override
    public final Runnable wrap(Runnable task) {
        requireNonNull(task, "task");
        Carrier.Load load = Carrier.captureFor(this);
        return () -> carriedRun(load, task);
    }

    @Override
    public final <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
        requireNonNull(task, "task");
        Carrier.Load load = Carrier.captureFor(this);
        return () -> this.<T, Exception>carried(load, task::call);
    }

    @Override
    public final <T extends @Nullable Object> Supplier<T> wrapSupplier(Supplier<T> supplier) {
        requireNonNull(supplier, "supplier");
        Carrier.Load load = Carrier.captureFor(this);
        return () -> this.<T, RuntimeException>carried(load, supplier::get);
    }

    /** Runs {@code op} with this context current, and with {@code load} on the thread, if there is one. */
    final <T extends @Nullable Object, X extends Throwable> T carried(
            Carrier.@Nullable Load load, Op<? extends T, ? extends X> op) throws X {
        if (load == null) {
            return this.<T, X>call(op);
        }
        try (Scope scope = load.open()) {
            return this.<T, X>call(op);
        }
    }

    /** As {@link #carried}, without a result. */
    final void carriedRun(Carrier.@Nullable Load load, Runnable task) {
        if (load == null) {
            run(task::run);
            return;
        }
        try (Scope scope = load.open()) {
            run(task::run);
        }
    }
}
