package io.github.context4j.spring.jdbc;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The wait of the current thread for a connection, which an interrupt ends: the one thing that all pools obey. The
 * interrupt is sent and the wait ended under one lock, so that none comes late; and none is sent to a thread that somebody
 * else has interrupted, so that the one taken back is ours.
 *
 * <p>A pool may also be asking the database whether a connection is alive. On a virtual thread the interrupt would close
 * the socket, and cost a connection that is good; so it has to be waiting, or some time to come to an end.
 */
final class Wait {
    /** How long a pool may be doing anything else until it is interrupted all the same: the network may have stopped. */
    static final Duration PATIENCE = Duration.ofMillis(200);

    private static final Duration PAUSE = Duration.ofMillis(2);

    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean waiting = true;
    private boolean interrupted;

    void interrupt() {
        interrupt(System.nanoTime());
    }

    private void interrupt(long since) {
        lock.lock();
        try {
            if (waiting && !thread.isInterrupted()) {
                if (isVirtual() && !isParked() && System.nanoTime() - since < PATIENCE.toNanos()) {
                    Alarm.in(PAUSE, () -> interrupt(since));
                } else {
                    interrupted = true;
                    thread.interrupt();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** {@code Thread.isVirtual()} is of JDK 21. */
    private boolean isVirtual() {
        return thread.getClass().getName().contains("VirtualThread");
    }

    /** Whether the thread waits for another, and not for a socket. */
    private boolean isParked() {
        Thread.State state = thread.getState();
        return (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)
                && Arrays.stream(thread.getStackTrace())
                        .noneMatch(frame -> frame.getClassName().startsWith("sun.nio.ch."));
    }

    /** Ends the wait, on its thread. Pools tend to leave the flag set. */
    void end() {
        lock.lock();
        try {
            waiting = false;
            if (interrupted) {
                Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
    }
}
