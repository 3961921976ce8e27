package io.github.context4j;

import io.github.context4j.CancelNode.Timed;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The timers of all contexts, on one thread that sleeps until the next deadline, not in ticks. The thread starts with the
 * first timer and goes when it was idle for a while. It runs nothing but the ending of contexts and the actions that were
 * registered to run where the context ends.
 *
 * <p>Only a timer that is due before the thread would wake by itself wakes it. A timer that is taken back does not: the
 * thread finds out when it wakes. Only where it would sleep for long after the last timer is gone, it is told so that it can
 * go; that is at most once per idle time.
 */
final class TimerThread implements Ticker {
    static final TimerThread INSTANCE = new TimerThread(TimeUnit.SECONDS.toNanos(5));

    private final long idleNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TimerHeap timers = new TimerHeap();
    private @Nullable Thread thread;

    /** When the thread wakes by itself. */
    private long wakeAt;

    TimerThread(long idleNanos) {
        this.idleNanos = idleNanos;
    }

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
            if (thread == null) {
                Thread starting = DaemonThread.create("context-timer", this::serve);
                starting.start();
                thread = starting;
            }
            timers.add(node);
            if (node.at() - wakeAt < 0) {
                wakeAt = node.at();
                changed.signal();
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
            if (timers.first() == null && wakeAt - nanoTime() > idleNanos) {
                wakeAt = nanoTime() + idleNanos;
                changed.signal();
            }
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
        while (true) {
            try {
                Timed due = nextDue();
                if (due == null) {
                    return;
                }
                due.expire();
            } catch (Throwable t) {
                // Whatever it is, the other deadlines stand. An interrupt is nobody's business here.
                Log.warn("The timer thread goes on after a failure", t);
            }
        }
    }

    /** Waits for the next timer that is due and takes it; null when this thread is to go. */
    private @Nullable Timed nextDue() throws InterruptedException {
        lock.lock();
        try {
            boolean idle = false;
            while (true) {
                Timed next = timers.first();
                if (next == null && idle) {
                    thread = null;
                    return null;
                }
                long now = nanoTime();
                long wait = next == null ? idleNanos : next.at() - now;
                if (next != null && wait <= 0) {
                    timers.remove(next);
                    return next;
                }
                wakeAt = now + wait;
                idle = changed.awaitNanos(wait) <= 0 && next == null;
            }
        } finally {
            lock.unlock();
        }
    }
}
