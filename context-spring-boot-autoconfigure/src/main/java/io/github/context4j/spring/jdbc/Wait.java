package io.github.context4j.spring.jdbc;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The wait of the current thread for a connection, which an interrupt ends: the one thing that all pools obey. The
 * interrupt is sent and the wait ended under one lock, so that none comes late; and none is sent to a thread that somebody
 * else has interrupted, so that the one taken back is ours.
 */
final class Wait {
    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean waiting = true;
    private boolean interrupted;

    void interrupt() {
        lock.lock();
        try {
            if (waiting && !thread.isInterrupted()) {
                interrupted = true;
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
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
