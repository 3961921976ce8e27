package io.github.context4j;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * An instant by which work has to be done, on a monotonic clock: that of {@link System#nanoTime()}, or that of a
 * {@link ManualTime}. Changes of the wall clock do not move it. Immutable. Deadlines more than 100 years away, on either
 * side, are taken as 100 years away. Deadlines on different clocks cannot be compared.
 */
public final class Deadline implements Comparable<Deadline> {
    private static final long MAX_OFFSET = TimeUnit.DAYS.toNanos(100 * 365);

    private final Ticker ticker;
    private final long nanos;

    private Deadline(Ticker ticker, long nanos) {
        this.ticker = ticker;
        this.nanos = nanos;
    }

    /** The instant that is {@code time} from now; zero or less has already passed. */
    public static Deadline after(Duration time) {
        return after(time, TimerThread.INSTANCE);
    }

    static Deadline after(Duration time, Ticker ticker) {
        return new Deadline(ticker, ticker.nanoTime() + saturatedNanos(time, "time"));
    }

    /** The instant at which the wall clock, if nobody changes it, will show {@code instant}. */
    public static Deadline at(Instant instant) {
        Objects.requireNonNull(instant, "instant");
        Ticker ticker = TimerThread.INSTANCE;
        return after(Duration.between(ticker.instant(), instant), ticker);
    }

    /** Whether this instant has passed. */
    public boolean isExpired() {
        return remainingNanos() <= 0;
    }

    /** The time until this instant, zero if it has passed. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    /** The time until this instant in {@code unit}, rounded up: never 0 while there is time left, 0 if there is none. */
    public long remaining(TimeUnit unit) {
        Objects.requireNonNull(unit, "unit");
        long left = Math.max(0, remainingNanos());
        long whole = unit.convert(left, TimeUnit.NANOSECONDS);
        return unit.toNanos(whole) < left ? whole + 1 : whole;
    }

    /**
     * The earlier of this deadline and {@code other}.
     *
     * @throws IllegalArgumentException if they are on different clocks
     */
    public Deadline earlier(Deadline other) {
        return compareTo(other) <= 0 ? this : other;
    }

    /** What the wall clock will show at this instant, as far as can be told now. */
    public Instant toInstant() {
        return ticker.instant().plusNanos(remainingNanos());
    }

    /**
     * Orders deadlines by time.
     *
     * @throws IllegalArgumentException if they are on different clocks
     */
    @Override
    public int compareTo(Deadline other) {
        if (ticker != Objects.requireNonNull(other, "other").ticker) {
            throw new IllegalArgumentException("deadlines on different clocks: " + this + " and " + other);
        }
        return Long.signum(nanos - other.nanos);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Deadline other && ticker == other.ticker && nanos == other.nanos;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(nanos);
    }

    @Override
    public String toString() {
        return "Deadline[in " + Duration.ofNanos(remainingNanos()) + "]";
    }

    Ticker ticker() {
        return ticker;
    }

    long nanos() {
        return nanos;
    }

    private long remainingNanos() {
        return nanos - ticker.nanoTime();
    }

    static long saturatedNanos(Duration time, String name) {
        long seconds = Objects.requireNonNull(time, name).toSeconds();
        long limit = TimeUnit.NANOSECONDS.toSeconds(MAX_OFFSET);
        if (seconds >= limit) {
            return MAX_OFFSET;
        }
        return seconds <= -limit ? -MAX_OFFSET : time.toNanos();
    }
}
