package io.github.context4j;

import io.github.context4j.CancelNode.Timed;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Timers in slots by the time at which they are due: a hierarchical wheel without ticks. Adding and removing take the same
 * time however many there are. Guarded by its own lock.
 *
 * <p>A slot of the lowest level spans 2<sup>20</sup> ns, about a millisecond; one of each level above as much as all of the level
 * below. A timer is in the level of the highest digit (of six bits) in which its time differs from {@link #base}, so
 * that all timers of a level are due before all of the levels above, and in each level those of the lower slots before
 * those of the higher. Each slot knows when its earliest timer is due, or was before that was removed: so the time to sleep
 * is found without a search. When the time comes to a slot of a higher level, its timers move down, all at once.
 */
final class TimerWheel {
    static final long NEVER = Long.MAX_VALUE;

    private static final int LOWEST_BITS = 20;
    private static final int DIGIT_BITS = 6;
    private static final int SLOTS = 1 << DIGIT_BITS;

    /** Enough for 2<sup>62</sup> ns, 146 years. */
    private static final int LEVELS = 7;

    /** What all times are relative to: {@link System#nanoTime()} may be anything. */
    private final long origin;

    private final @Nullable Timed[] slots = new Timed[LEVELS * SLOTS];
    private final long[] earliest = new long[LEVELS * SLOTS];

    /** For each level a bit for each slot in which there are timers. */
    private final long[] occupied = new long[LEVELS];

    /** The time up to which timers have been moved down and taken; those that are due and not taken are in the lowest level. */
    private long base;

    private int size;

    TimerWheel(long origin) {
        this.origin = origin;
    }

    int size() {
        return size;
    }

    void add(Timed node) {
        place(node);
        size++;
    }

    /** Removes {@code node}; does nothing if it is not here. */
    void remove(Timed node) {
        int slot = node.slot;
        if (slot < 0) {
            return;
        }
        Timed before = node.previousTimer;
        Timed after = node.nextTimer;
        if (after != null) {
            after.previousTimer = before;
        }
        if (before != null) {
            before.nextTimer = after;
        } else {
            slots[slot] = after;
            if (after == null) {
                occupied[slot >> DIGIT_BITS] &= ~(1L << slot);
            }
        }
        forget(node);
        size--;
    }

    /** How long after {@code now} the next timer may be due: none is earlier; {@link #NEVER} if there is none. */
    long next(long now) {
        int slot = firstSlot();
        return slot < 0 ? NEVER : Math.max(0, earliest[slot] - (now - origin));
    }

    /**
     * Takes timers that are due by {@code now}, of earlier milliseconds first, and adds them to {@code due}.
     *
     * @param limit how many to take at most
     * @return whether there may be more
     */
    boolean takeDue(long now, Queue<Timed> due, int limit) {
        long time = now - origin;
        int room = limit;
        for (int slot = firstSlot(); slot >= 0 && comesDue(slot, time); slot = firstSlot()) {
            if (room == 0) {
                return true;
            }
            base = Math.max(base, start(slot));
            if (slot < SLOTS) {
                room -= takeFrom(slot, now, due, room);
            } else {
                moveDown(slot);
            }
        }
        base = Math.max(base, time);
        return false;
    }

    private int takeFrom(int slot, long now, Queue<Timed> due, int limit) {
        int taken = 0;
        long next = NEVER;
        for (Timed node = slots[slot]; node != null && taken < limit; ) {
            Timed following = node.nextTimer;
            if (node.at() - now <= 0) {
                remove(node);
                due.add(node);
                taken++;
            } else {
                next = Math.min(next, node.at() - origin);
            }
            node = following;
        }
        if (taken < limit) { // else the rest has not been looked at
            earliest[slot] = next;
        }
        return taken;
    }

    private void moveDown(int slot) {
        Timed node = slots[slot];
        slots[slot] = null;
        occupied[slot >> DIGIT_BITS] &= ~(1L << slot);
        while (node != null) {
            Timed following = node.nextTimer;
            forget(node);
            place(node);
            node = following;
        }
    }

    private boolean comesDue(int slot, long time) {
        return slot < SLOTS ? earliest[slot] <= time : start(slot) <= time;
    }

    private void place(Timed node) {
        long time = Math.max(node.at() - origin, base);
        long differing = (time ^ base) >>> LOWEST_BITS;
        int level = differing == 0 ? 0 : (Long.SIZE - 1 - Long.numberOfLeadingZeros(differing)) / DIGIT_BITS;
        int slot = level * SLOTS + (int) (time >>> shift(level) & SLOTS - 1);
        Timed after = slots[slot];
        if (after == null) {
            occupied[level] |= 1L << slot;
            earliest[slot] = time;
        } else {
            after.previousTimer = node;
            earliest[slot] = Math.min(earliest[slot], time);
        }
        node.nextTimer = after;
        node.slot = (short) slot;
        slots[slot] = node;
    }

    private static void forget(Timed node) {
        node.slot = -1;
        node.previousTimer = null;
        node.nextTimer = null;
    }

    /** The slot with the earliest timers, -1 if there are none. */
    private int firstSlot() {
        for (int level = 0; level < LEVELS; level++) {
            if (occupied[level] != 0) {
                return level * SLOTS + Long.numberOfTrailingZeros(occupied[level]);
            }
        }
        return -1;
    }

    /** When the time of {@code slot} begins: its digit, the higher digits of the base, and zeros. */
    private long start(int slot) {
        int shift = shift(slot >> DIGIT_BITS);
        long digit = (long) (slot & SLOTS - 1) << shift;
        return (base >>> (shift + DIGIT_BITS) << (shift + DIGIT_BITS)) | digit;
    }

    private static int shift(int level) {
        return LOWEST_BITS + level * DIGIT_BITS;
    }
}
