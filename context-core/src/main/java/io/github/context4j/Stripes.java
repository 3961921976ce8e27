package io.github.context4j;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The children of a node that is shared by many threads, in several lists: each child is in that of the thread that made it,
 * so that threads seldom meet. It stands at the front of the node's own list, in which only listeners are left then.
 *
 * <p>Each list has a lock of its own. Whoever ends the node sets its end first and takes the lists then; whoever adds looks at
 * the end under the lock. So a child is either in the list that is taken, or told of the end.
 */
final class Stripes extends Link {
    private static final int MIN_COUNT = 8;
    private static final int MAX_COUNT = 16;
    private static final int COUNT = count(Runtime.getRuntime().availableProcessors());

    final Stripe[] stripes = new Stripe[COUNT];

    /** Takes over the children of the list that begins with {@code first}, in front of whose listeners it stands then. */
    Stripes(@Nullable Link first) {
        for (int i = 0; i < COUNT; i++) {
            stripes[i] = new Stripe();
        }
        Link listeners = first;
        for (Link link = first; link != null; ) {
            Link following = link.next;
            if (link instanceof CancelNode child) {
                listeners = child.outOf(listeners);
                stripeOf(child).add(child);
            }
            link = following;
        }
        before(listeners);
    }

    /** Enough that as many threads as there are processors mostly differ: a power of two. */
    static int count(int processors) {
        return Math.max(MIN_COUNT, Math.min(MAX_COUNT, Integer.highestOneBit(processors) * 2));
    }

    /**
     * Adds {@code child} unless {@code owner}, whose children these are, has ended.
     *
     * @return how it ended, null if the child was added
     */
    @Nullable
    End add(CancelNode owner, CancelNode child) {
        Stripe stripe = stripeOf(child);
        synchronized (stripe) {
            End end = owner.end();
            if (end == null) {
                stripe.add(child);
            }
            return end;
        }
    }

    /** Removes {@code child}; does nothing if {@code owner} has ended. */
    void remove(CancelNode owner, CancelNode child) {
        Stripe stripe = stripeOf(child);
        synchronized (stripe) {
            if (owner.end() == null) {
                stripe.first = child.outOf(stripe.first);
            }
        }
    }

    /** As {@link CancelNode#addChildren}; none once {@code owner} has ended. */
    void addChildren(CancelNode owner, int limit, List<Context> found) {
        for (Stripe stripe : stripes) {
            synchronized (stripe) {
                if (owner.end() == null) {
                    CancelNode.addChildren(stripe.first, limit, found);
                }
            }
        }
    }

    int count() {
        return stripes.length;
    }

    /** Takes one of the lists; only for the thread that ended the node. */
    @Nullable
    Link take(int index) {
        Stripe stripe = stripes[index];
        synchronized (stripe) {
            Link list = stripe.first;
            stripe.first = null;
            return list;
        }
    }

    private Stripe stripeOf(CancelNode child) {
        return stripes[child.home & (COUNT - 1)];
    }

    /** Its fields keep the lists of two stripes out of one pair of cache lines, which processors fetch together. */
    @SuppressWarnings("unused")
    static final class Stripe {
        @Nullable
        Link first;

        private long p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15;

        /** Locked also by the constructor of all, though nobody else sees it yet: the next to lock it sees what is in it. */
        synchronized void add(CancelNode child) {
            first = child.before(first);
        }
    }
}
