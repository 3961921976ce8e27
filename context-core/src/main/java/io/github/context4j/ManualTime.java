package io.github.context4j;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelNode.Timed;
import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A time that passes only when a test says so. Contexts derived from its {@link #root()} end at their deadlines while
 * {@link #advance} runs, on the thread that called it, in the order of their deadlines; waiting is needed only for actions
 * that run on another executor than {@code Runnable::run}.
 *
 * <p>A deadline is an instant of one clock: the contexts of this root take time-outs, and each other's deadlines, but none made
 * by {@link Deadline#after}. Any thread may use them; one at a time lets the time pass.
 */
public final class ManualTime {
    private final ManualTicker ticker;
    private final Context root;

    /** A time that shows {@link Instant#EPOCH}. */
    public ManualTime() {
        this(0);
    }

    ManualTime(long nanoTime) {
        ticker = new ManualTicker(nanoTime);
        root = new RootContext("manual time", null, ticker);
    }

    /** The context to derive from: it never ends, and has neither values nor deadline. */
    public Context root() {
        return root;
    }

    /**
     * Lets {@code time} pass, and ends what is due within it.
     *
     * @throws IllegalArgumentException if {@code time} is negative
     */
    public void advance(Duration time) {
        if (requireNonNull(time, "time").isNegative()) {
            throw new IllegalArgumentException("time: " + time + " (expected: >= 0)");
        }
        ticker.advance(Deadline.saturatedNanos(time, "time"));
    }

    /** How many timers are armed. */
    int armed() {
        return ticker.armed();
    }

    private static final class ManualTicker implements Ticker {
        private final long origin;
        private final Queue<Timed> timers = new PriorityQueue<>(Timed.EARLIEST_FIRST);
        private long now;

        ManualTicker(long origin) {
            this.origin = origin;
            this.now = origin;
        }

        @Override
        public synchronized long nanoTime() {
            return now;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(nanoTime() - origin);
        }

        @Override
        public void arm(Timed node) {
            if (!add(node)) {
                node.expire(); // the time has passed it meanwhile
            }
        }

        private synchronized boolean add(Timed node) {
            if (node.at() - now <= 0) {
                return false;
            }
            if (!node.isDone()) {
                timers.add(node);
            }
            return true;
        }

        @Override
        public synchronized void disarm(Timed node) {
            timers.remove(node);
        }

        synchronized int armed() {
            return timers.size();
        }

        void advance(long nanos) {
            long until = nanoTime() + nanos;
            for (Timed due = nextDue(until); due != null; due = nextDue(until)) {
                due.expire();
            }
        }

        /** Takes the next timer due by {@code until}, and lets the time pass up to it, or up to {@code until}. */
        private synchronized @Nullable Timed nextDue(long until) {
            Timed first = timers.peek();
            if (first != null && first.at() - until <= 0) {
                passTo(first.at());
                return timers.poll();
            }
            passTo(until);
            return null;
        }

        /** Not backwards, should several threads advance the time at once. */
        private void passTo(long then) {
            if (then - now > 0) {
                now = then;
            }
        }
    }
}
