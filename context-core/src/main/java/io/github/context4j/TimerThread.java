package io.github.context4j;

import io.github.context4j.CancelNode.Timed;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The timers of all contexts, on one thread that sleeps until the next deadline, not in ticks. The thread starts with the
 * first timer and goes after five idle seconds. It runs nothing but the ending of contexts and the actions that were
 * registered to run where the context ends.
 */
final class TimerThread implements Ticker {
    static final TimerThread INSTANCE = new TimerThread();

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final System.Logger logger = System.getLogger(Context.class.getName());

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    private final TimerHeap timers = new TimerHeap();
    private @Nullable Thread thread;

    private TimerThread() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant instant() {
        return Instant.now();
    }

    @Override
    public void arm(Timed node) {
        lock.lock();
        try {
            // Whoever ended it meanwhile has disarmed it already, or waits for this lock to do so.
            if (node.isDone()) {
                return;
            }
            timers.add(node);
            if (thread == null) {
                thread = DaemonThread.create("context-timer", this::serve);
                thread.start();
            } else if (timers.first() == node) {
                earlier.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void disarm(Timed node) {
        lock.lock();
        try {
            timers.remove(node);
        } finally {
            lock.unlock();
        }
    }

    /** How many timers are armed. */
    int armed() {
        lock.lock();
        try {
            return timers.size();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        for (Timed due = nextDue(); due != null; due = nextDue()) {
            try {
                due.expire();
            } catch (Throwable t) {
                logger.log(System.Logger.Level.ERROR, "Ending a context at its deadline failed", t);
            }
        }
    }

    /** Waits for the next timer that is due and takes it; null when this thread is to go. */
    private @Nullable Timed nextDue() {
        lock.lock();
        try {
            boolean idle = false;
            while (true) {
                Timed next = timers.first();
                long wait = IDLE_NANOS;
                if (next != null) {
                    wait = next.at() - nanoTime();
                    if (wait <= 0) {
                        timers.remove(next);
                        return next;
                    }
                } else if (idle) {
                    thread = null;
                    return null;
                }
                idle = earlier.awaitNanos(wait) <= 0;
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread. Its successor serves what is armed.
            thread = timers.first() == null ? null : successor();
            return null;
        } finally {
            lock.unlock();
        }
    }

    private Thread successor() {
        Thread next = DaemonThread.create("context-timer", this::serve);
        next.start();
        return next;
    }
}
