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
    /** How many contexts are ended between two looks at the wheels. */
    private static final int BATCH = 64;

    private static final int WHEELS = Stripes.count(Runtime.getRuntime().availableProcessors());

    static final TimerThread INSTANCE = new TimerThread(TimeUnit.SECONDS.toNanos(5));

    private final long idleNanos;
    private final TimerWheel[] wheels = new TimerWheel[WHEELS];

    /** Serves the wheels; null when there is none to serve. Written under this. */
    private volatile @Nullable Thread thread;

    /** When the thread looks at the wheels by itself; in the past while it is awake. Written under this. */
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
            wakeAt = nanoTime();
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

    private synchronized void sleepUntil(long at, boolean isLong) {
        wakeAt = at;
        sleepsLong = isLong;
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
        private final Queue<Timed> due = new PriorityQueue<>(BATCH, Timed.EARLIEST_FIRST);

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
            boolean told = false;
            while (true) {
                endDue();
                long now = nanoTime();
                long wait = next(now);
                if (wait == TimerWheel.NEVER && idle && go()) {
                    return;
                }
                boolean isLong = wait != TimerWheel.NEVER && wait > idleNanos && !told;
                long until = now + (isLong ? wait : Math.min(wait, idleNanos));
                sleepUntil(until, isLong);
                if (next(now) == wait) {
                    LockSupport.parkNanos(TimerThread.this, until - nanoTime());
                    Thread.interrupted(); // nobody's business here, and it would end every sleep to come
                }
                told = isLong && !sleepsLong;
                idle = wait == TimerWheel.NEVER && until - nanoTime() <= 0;
            }
        }

        /** Ends what is due, in the order of the deadlines, but for more than a batch within a millisecond. */
        private void endDue() {
            boolean more = true;
            while (more) {
                long now = nanoTime();
                for (TimerWheel wheel : wheels) {
                    synchronized (wheel) {
                        wheel.takeDue(now, due, BATCH);
                    }
                }
                more = due.size() == BATCH;
                for (Timed next = due.poll(); next != null; next = due.poll()) {
                    next.expire();
                }
            }
        }
    }
}
