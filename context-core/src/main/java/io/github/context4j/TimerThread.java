package io.github.context4j;

import io.github.context4j.CancelNode.Timed;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The timers of all contexts, on one thread that sleeps until the next deadline, not in ticks. The thread starts with the
 * first timer and goes when it was idle for a while. It runs nothing but the ending of contexts and the actions that were
 * registered to run where the context ends.
 *
 * <p>The timers are in several wheels, each in that of the thread that made it, so that threads seldom meet. Only a timer that
 * is due before the timer thread would wake by itself wakes it. A timer that is taken back does not: the thread finds out when
 * it wakes. Only where it sleeps for long and a wheel becomes empty, it is told so, that it can go if it was the last; that is
 * at most once per idle time.
 */
final class TimerThread implements Ticker {
    /** How many contexts of a wheel are ended between two looks at it. */
    private static final int BATCH = 64;

    private static final int WHEELS = Stripes.count(Runtime.getRuntime().availableProcessors());

    static final TimerThread INSTANCE = new TimerThread(TimeUnit.SECONDS.toNanos(5));

    private final long idleNanos;
    final TimerWheel[] wheels = new TimerWheel[WHEELS];

    /** Serves the wheels; null when there is none to serve. Written under this. */
    private volatile @Nullable Thread thread;

    /** When the thread looks at the wheels by itself, if it is not awake. Written under this. */
    private volatile long wakeAt;

    /** Whether the thread sleeps for longer than the idle time, and has not been told meanwhile to look again. */
    private volatile boolean sleepsLong;

    TimerThread(long idleNanos) {
        this.idleNanos = idleNanos;
        long origin = nanoTime();
        for (int i = 0; i < WHEELS; i++) {
            wheels[i] = new TimerWheel(origin);
        }
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
        TimerWheel wheel = wheelOf(node);
        synchronized (wheel) {
            // Whoever ended it meanwhile has disarmed it already, or waits for this lock to do so.
            if (node.isDone()) {
                return;
            }
            wheel.add(node);
        }
        // The thread looks at the wheels after it has written when it wakes, or that it goes: one of the two sees the
        // other.
        if (thread == null) {
            start();
        }
        if (node.at() - wakeAt < 0) {
            wake(node.at());
        }
    }

    @Override
    public void disarm(Timed node) {
        TimerWheel wheel = wheelOf(node);
        boolean empty;
        synchronized (wheel) {
            wheel.remove(node);
            empty = wheel.size() == 0;
        }
        if (empty && sleepsLong) {
            tell();
        }
    }

    private TimerWheel wheelOf(Timed node) {
        return wheels[node.home & (WHEELS - 1)];
    }

    /** How many timers are armed. */
    int armed() {
        int armed = 0;
        for (TimerWheel wheel : wheels) {
            synchronized (wheel) {
                armed += wheel.size();
            }
        }
        return armed;
    }

    private synchronized void start() {
        if (thread == null) {
            Thread starting = DaemonThread.create("context-timer", new Service());
            starting.start();
            thread = starting;
        }
    }

    private synchronized void wake(long at) {
        if (at - wakeAt < 0) {
            wakeAt = at;
            LockSupport.unpark(thread);
        }
    }

    private synchronized void tell() {
        if (sleepsLong) {
            sleepsLong = false;
            LockSupport.unpark(thread);
        }
    }

    /** Returns whether the thread may go: from then on the next timer starts another. */
    private synchronized boolean go() {
        Thread own = thread;
        thread = null;
        if (armed() == 0) {
            return true;
        }
        thread = own;
        return false;
    }

    /**
     * Says when the thread wakes: after {@code wait}, or when it has said before, since moving that would have the next short
     * timer wake it again.
     */
    private synchronized long sleepUntil(long now, long wait, boolean isLong) {
        long announced = wakeAt - now;
        wakeAt = now + (announced > 0 ? Math.min(announced, wait) : wait);
        sleepsLong = isLong;
        return wakeAt;
    }

    private long next(long now) {
        long next = TimerWheel.NEVER;
        for (TimerWheel wheel : wheels) {
            synchronized (wheel) {
                next = Math.min(next, wheel.next(now));
            }
        }
        return next;
    }

    /** What the thread does. */
    private final class Service implements Runnable {
        private final Queue<Timed> due = new PriorityQueue<>(BATCH * WHEELS, Timed.EARLIEST_FIRST);

        /** Until when the thread does not sleep for long, since it has been told to look again. */
        private long restlessUntil = nanoTime();

        @Override
        public void run() {
            boolean gone = false;
            while (!gone) {
                try {
                    serve();
                    gone = true;
                } catch (Throwable t) {
                    // Whatever it is, the other deadlines stand.
                    Log.warn("The timer thread goes on after a failure", t);
                }
            }
        }

        /** Ends what is due and sleeps until more is; returns when the thread is to go. */
        private void serve() {
            boolean idle = false;
            while (true) {
                endDue();
                long now = nanoTime();
                long wait = next(now);
                if (wait == TimerWheel.NEVER && idle && go()) {
                    return;
                }
                boolean isLong = wait != TimerWheel.NEVER && wait > idleNanos && now - restlessUntil >= 0;
                long until = sleepUntil(now, isLong ? wait : Math.min(wait, idleNanos), isLong);
                if (next(now) == wait) {
                    LockSupport.parkNanos(TimerThread.this, until - nanoTime());
                    Thread.interrupted(); // nobody's business here, and it would end every sleep to come
                }
                if (isLong && !sleepsLong) {
                    restlessUntil = nanoTime() + idleNanos;
                }
                idle = wait == TimerWheel.NEVER && nanoTime() - now >= idleNanos;
            }
        }

        /** Ends what is due; in the order of the deadlines, unless a wheel has more of them than a batch. */
        private void endDue() {
            boolean more = true;
            while (more) {
                long now = nanoTime();
                more = false;
                for (TimerWheel wheel : wheels) {
                    synchronized (wheel) {
                        more |= wheel.takeDue(now, due, BATCH);
                    }
                }
                for (Timed next = due.poll(); next != null; next = due.poll()) {
                    next.expire();
                }
            }
        }
    }
}
