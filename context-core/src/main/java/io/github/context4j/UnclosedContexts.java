package io.github.context4j;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Tells of contexts that were left open: their parent was {@linkplain CancelableContext#close() closed}, because its work was
 * over, before they were. Either nobody ever closes them, and each costs memory and a timer while its parent lives, or
 * work goes on that nobody waits for. They end with their parent all the same.
 *
 * <p>A parent that is canceled, or whose deadline passes, ends children that are in use: that is what it is for, and not
 * counted; neither are those of tasks that {@link TaskGroup#close()} cancels.
 */
public final class UnclosedContexts {
    private static final LongAdder COUNT = new LongAdder();
    private static volatile int sampleEvery;

    private UnclosedContexts() {}

    /** How many were found in this process. */
    public static long count() {
        return COUNT.sum();
    }

    /**
     * Has the creation of about one of {@code every} contexts remembered, with its stack, which costs some microseconds and
     * kilobytes; if it is found open, a warning tells where it was derived. For contexts that are derived from now on.
     *
     * @param every 1 for all, 0 for none, as it is from the start
     * @throws IllegalArgumentException if {@code every} is negative
     */
    public static void sample(int every) {
        if (every < 0) {
            throw new IllegalArgumentException("every: " + every + " (expected: >= 0)");
        }
        sampleEvery = every;
    }

    static boolean isSampled() {
        int every = sampleEvery;
        return every != 0 && ThreadLocalRandom.current().nextInt(every) == 0;
    }

    static void found(int count, @Nullable Link origins) {
        COUNT.add(count);
        for (Link link = origins; link instanceof Origin origin; link = origin.next) {
            Log.warn("A context was left open when its parent was closed", origin.stack);
        }
    }

    /** Remembers where a context was derived, in that context's own list. */
    static final class Origin extends Link {
        private final Throwable stack = new Throwable("derived here");
    }
}
