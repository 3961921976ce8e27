package io.github.context4j;

import java.time.Instant;

/** A monotonic clock, and the timers that run by it. */
interface Ticker {
    /** Nanoseconds from an arbitrary origin; compare by subtraction only. */
    long nanoTime();

    /** The wall-clock time of this instant, to translate deadlines. */
    Instant instant();

    /** Ends {@code node} at its deadline, unless it has ended. Called at most once for a node. */
    void arm(CancelNode.Timed node);

    /** Forgets {@code node}; does nothing if it is not armed. */
    void disarm(CancelNode.Timed node);
}
