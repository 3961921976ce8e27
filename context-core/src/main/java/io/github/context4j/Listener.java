package io.github.context4j;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An action that runs once when its context ends, unless it is stopped before. */
final class Listener extends Link implements Context.Registration, Runnable {
    private enum Phase {
        WAITING,
        STOPPED,
        RUNNING,
        FINISHED
    }

    private static final VarHandle PHASE;
    private static final VarHandle FINISHED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PHASE = lookup.findVarHandle(Listener.class, "phase", Phase.class);
            FINISHED = lookup.findVarHandle(Listener.class, "finished", CountDownLatch.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final @Nullable CancelNode owner;
    private final Runnable action;
    private final Executor executor;
    private volatile Phase phase = Phase.WAITING;
    private volatile @Nullable Thread runner;

    /** Made by the first who waits for the run. */
    private volatile @Nullable CountDownLatch finished;

    Listener(@Nullable CancelNode owner, Runnable action, Executor executor) {
        this.owner = owner;
        this.action = action;
        this.executor = executor;
    }

    /** Starts to listen; if the context has ended, the action is started at once. */
    void listen() {
        if (owner != null && owner.add(this) != null) {
            dispatch();
        }
    }

    /** Starts the action: on its executor, else on the library's, else right here. Never throws. */
    void dispatch() {
        if (!isTakenBy(executor) && !isTakenBy(LibraryExecutor.INSTANCE)) {
            run();
        }
    }

    private boolean isTakenBy(Executor candidate) {
        try {
            candidate.execute(this);
            return true;
        } catch (Throwable rejected) {
            if (phase != Phase.WAITING) {
                return true;
            }
            Log.warn("An executor rejected an onDone action; it runs elsewhere", rejected);
            return false;
        }
    }

    @Override
    public void run() {
        if (!PHASE.compareAndSet(this, Phase.WAITING, Phase.RUNNING)) {
            return;
        }
        runner = Thread.currentThread();
        try {
            action.run();
        } catch (Throwable t) {
            Log.warn("An onDone action failed", t);
        } finally {
            runner = null;
            phase = Phase.FINISHED;
            CountDownLatch waiting = finished;
            if (waiting != null) {
                waiting.countDown();
            }
        }
    }

    @Override
    public boolean stop() {
        if (!PHASE.compareAndSet(this, Phase.WAITING, Phase.STOPPED)) {
            return false;
        }
        if (owner != null) {
            owner.remove(this);
        }
        return true;
    }

    @Override
    public void close() {
        if (stop() || phase == Phase.STOPPED || runner == Thread.currentThread()) {
            return;
        }
        CountDownLatch latch = new CountDownLatch(1);
        if (!FINISHED.compareAndSet(this, null, latch)) {
            latch = finished;
        }
        // The runner sets the phase before it looks for a latch, so one of the two sees the other.
        boolean interrupted = false;
        while (latch != null && phase != Phase.FINISHED) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
