package io.github.context4j.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * What ours is to reach in a row.
 *
 * @param text as in the table
 * @param atMost the limit in the unit of the row, or as a multiple of {@code than} or {@code as}
 * @param bytes the limit of what an operation allocates
 * @param than whose figure in the same row is the measure, if somebody's is
 * @param as for which case our own figure is the measure, if one is
 */
record Goal(
        String text,
        double atMost,
        double bytes,
        @Nullable Peer than,
        @Nullable Case as) {
    private static final double FLAT = 1.5;

    static final Goal NONE = new Goal("", Double.NaN, Double.POSITIVE_INFINITY, null, null);

    static Goal atMost(double limit) {
        return new Goal("<= " + Figures.plain(limit), limit, Double.POSITIVE_INFINITY, null, null);
    }

    static Goal atMost(double limit, double bytes) {
        return new Goal("<= " + Figures.plain(limit) + ", " + Figures.plain(bytes) + " B", limit, bytes, null, null);
    }

    static Goal aheadOf(Peer peer) {
        return new Goal("ahead of " + peer.title, 1, Double.POSITIVE_INFINITY, peer, null);
    }

    /** Like {@code smallest}, give or take what caches and noise make. */
    static Goal flat(Case smallest) {
        return new Goal("flat", FLAT, Double.POSITIVE_INFINITY, null, smallest);
    }
}
