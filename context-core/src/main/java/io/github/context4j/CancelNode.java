package io.github.context4j;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A context that can end. It is its own element in its parent's list and holds the list of its own children and listeners.
 *
 * <p>Ending decides first and notifies then. To decide is to set {@link #end} under this node's lock; from then on the
 * list belongs to the thread that did, and adding to it or removing from it does nothing. That thread decides all
 * descendants before it starts the first listener, so that a listener finds all of them done, but for those that another
 * thread is ending right then. No lock that others know is held while another is taken, and none while a listener runs.
 */
sealed class CancelNode extends BaseContext implements CancelableContext {
    /** After so many children of other threads than its own a node is taken for one that threads share. */
    static final int STRIPED_AFTER = 64;

    private final BaseContext parent;
    private volatile @Nullable End end;

    /**
     * The first of the children and listeners, newest first, or the {@link Stripes} of the children; guarded by this until it
     * ends. Whether it is the stripes may be asked without the lock: they stay once they are there.
     */
    @Nullable
    Link first;

    /** Which of the stripes of what is shared this node uses: those of the thread that made it. */
    final byte home = (byte) Thread.currentThread().getId();

    /** How many children of other threads have joined, up to {@link #STRIPED_AFTER}; guarded by this. */
    byte joined;

    CancelNode(BaseContext parent, @Nullable Deadline deadline) {
        super(deadline);
        this.parent = parent;
    }

    /** Enters this new node into the tree. */
    final CancelNode join() {
        if (UnclosedContexts.isSampled()) {
            first = new UnclosedContexts.Origin();
        }
        CancelNode above = parent.owner();
        if (above != null) {
            End inherited = above.add(this);
            if (inherited != null) {
                end = inherited;
                first = null;
            }
        }
        return this;
    }

    @Override
    final CancelNode owner() {
        return this;
    }

    @Override
    final @Nullable ValueContext values() {
        BaseContext above = parent;
        while (above instanceof CancelNode node) {
            above = node.parent;
        }
        return above.values();
    }

    @Override
    final Ticker ticker() {
        BaseContext nearest = this;
        while (nearest instanceof CancelNode node) {
            if (node.deadline != null) {
                return node.deadline.ticker();
            }
            nearest = node.parent;
        }
        return nearest.ticker();
    }

    @Override
    final @Nullable End end() {
        return end;
    }

    @Override
    public final boolean cancel() {
        return end(End.CANCELED);
    }

    @Override
    public final boolean cancel(Throwable cause) {
        return end(new End(State.CANCELED, requireNonNull(cause, "cause")));
    }

    @Override
    public final void close() {
        end(End.CLOSED);
    }

    /**
     * Adds a child, unless this node has ended.
     *
     * @return how this node ended, null if the child was added
     */
    private @Nullable End add(CancelNode child) {
        while (true) {
            if (first instanceof Stripes stripes) {
                return stripes.add(this, child);
            }
            synchronized (this) {
                if (end != null) {
                    return end;
                }
                if (joined < STRIPED_AFTER) {
                    joined += child.home == home ? 0 : (byte) 1;
                    first = child.before(first);
                    return null;
                }
                if (!(first instanceof Stripes)) {
                    first = new Stripes(first);
                }
            }
        }
    }

    /** Removes a child that was added before; does nothing once this node has ended. */
    private void remove(CancelNode child) {
        Link seen = first;
        if (!(seen instanceof Stripes)) {
            synchronized (this) {
                if (end != null) {
                    return;
                }
                seen = first;
                if (!(seen instanceof Stripes)) {
                    first = child.outOf(seen);
                    return;
                }
            }
        }
        ((Stripes) seen).remove(this, child);
    }

    /** At most {@code limit} of the children, the newest last; none once this node has ended. */
    final List<Context> children(int limit) {
        List<Context> found = new ArrayList<>();
        Link seen;
        synchronized (this) {
            seen = first;
            if (end == null) {
                addChildren(seen, limit, found);
            }
        }
        if (seen instanceof Stripes stripes) {
            stripes.addChildren(this, limit, found);
        }
        Collections.reverse(found);
        return found;
    }

    /** Adds the children in the list that begins with {@code first} to {@code found} until that has {@code limit}. */
    static void addChildren(@Nullable Link first, int limit, List<Context> found) {
        for (Link link = first; link != null && found.size() < limit; link = link.next) {
            if (link instanceof CancelNode child) {
                found.add(child);
            }
        }
    }

    /**
     * Adds a listener, unless this node has ended. Listeners are all in one list, so that they can be started in order.
     *
     * @return how this node ended, null if the listener was added
     */
    final synchronized @Nullable End add(Listener listener) {
        if (end != null) {
            return end;
        }
        if (first instanceof Stripes stripes) {
            stripes.next = listener.before(stripes.next);
            listener.previous = stripes;
        } else {
            first = listener.before(first);
        }
        return null;
    }

    /** Removes a listener that was added before; does nothing once this node has ended. */
    final synchronized void remove(Listener listener) {
        if (end == null) {
            first = listener.outOf(first);
        }
    }

    final boolean end(End how) {
        if (!decide(how)) {
            return false;
        }
        CancelNode above = parent.owner();
        if (above != null) {
            above.remove(this);
        }
        disarm();
        if (first != null) {
            new Ending(how).of(this);
        }
        return true;
    }

    /** Ends this node and nothing else; returns whether it was this call that did. */
    final synchronized boolean decide(End how) {
        if (end != null) {
            return false;
        }
        end = how;
        return true;
    }

    /** Gives up the list; only for the thread that has decided. */
    final @Nullable Link take() {
        Link list = first;
        first = null;
        return list;
    }

    void disarm() {}

    @Override
    public final String toString() {
        return "Context[" + state() + (deadline == null ? "" : ", " + deadline) + "]";
    }

    /** A context that ends at a deadline of its own; it is its own element among the timers. */
    static sealed class Timed extends CancelNode {
        static final Comparator<Timed> EARLIEST_FIRST = (a, b) -> Long.signum(a.at() - b.at());

        /** Where it is among the armed timers, -1 if it is not; this and the neighbors are guarded by the ticker. */
        short slot = -1;

        @Nullable
        Timed previousTimer;

        @Nullable
        Timed nextTimer;

        private Timed(BaseContext parent, Deadline deadline) {
            super(parent, deadline);
        }

        /** A new node that ends by {@code onTime} at its deadline, {@link End#EXCEEDED} if null. */
        static Timed of(BaseContext parent, Deadline deadline, @Nullable End onTime) {
            return onTime == null ? new Timed(parent, deadline) : new TimedWithCause(parent, deadline, onTime);
        }

        /** Enters this new node into the tree and among the timers, or ends it if its deadline has passed. */
        final Timed start(boolean expired) {
            join();
            if (expired) {
                expire();
            } else {
                arm();
            }
            return this;
        }

        private void arm() {
            try {
                clock().arm(this);
            } catch (Throwable t) { // no memory or no thread for it: nobody would ever end this node
                close();
                throw t;
            }
        }

        /** When to end, on the ticker's clock. */
        final long at() {
            return requireNonNull(deadline).nanos();
        }

        private Ticker clock() {
            return requireNonNull(deadline).ticker();
        }

        final void expire() {
            end(onTime());
        }

        End onTime() {
            return End.EXCEEDED;
        }

        @Override
        final void disarm() {
            clock().disarm(this);
        }
    }

    /** A context whose creator says why it ends at its deadline. */
    private static final class TimedWithCause extends Timed {
        private final End onTime;

        TimedWithCause(BaseContext parent, Deadline deadline, End onTime) {
            super(parent, deadline);
            this.onTime = onTime;
        }

        @Override
        End onTime() {
            return onTime;
        }
    }
}
