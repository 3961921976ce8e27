package io.github.context4j;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A context that can end. It is its own element in its parent's list and holds the list of its own children and listeners.
 *
 * <p>Ending decides first and notifies then. To decide is to set {@link #end} under this node's lock; from then on the
 * list belongs to the thread that did, and adding to it or removing from it does nothing. That thread decides all
 * descendants before it starts the first listener, so that a listener finds all of them done, but for those that another
 * thread is ending right then. No lock is held while another is taken, and none while a listener runs.
 */
sealed class CancelNode extends BaseContext implements CancelableContext {
    private volatile @Nullable End end;

    /** The first of the children and listeners, newest first; guarded by this until it ends. */
    @Nullable
    Link first;

    CancelNode(BaseContext parent, @Nullable Deadline deadline) {
        super(parent, parent.ticker, deadline);
    }

    /** Enters this new node into the tree. */
    final CancelNode join() {
        CancelNode above = above();
        if (above != null) {
            End inherited = above.add(this);
            if (inherited != null) {
                end = inherited;
            }
        }
        return this;
    }

    private @Nullable CancelNode above() {
        return requireNonNull(parent).owner();
    }

    @Override
    final CancelNode owner() {
        return this;
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
     * Adds a child or listener, unless this node has ended.
     *
     * @return how this node ended, null if the link was added
     */
    final synchronized @Nullable End add(Link link) {
        if (end == null) {
            link.next = first;
            if (first != null) {
                first.previous = link;
            }
            first = link;
        }
        return end;
    }

    /** Removes a link that was added before; does nothing once this node has ended. */
    final synchronized void remove(Link link) {
        if (end != null) {
            return;
        }
        Link before = link.previous;
        Link after = link.next;
        if (before != null) {
            before.next = after;
        } else {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        }
        link.previous = null;
        link.next = null;
    }

    final boolean end(End how) {
        if (!decide(how)) {
            return false;
        }
        CancelNode above = above();
        if (above != null) {
            above.remove(this);
        }
        Listener actions = decideDescendants(how);
        while (actions != null) {
            Listener action = actions;
            actions = (Listener) action.next;
            action.next = null;
            action.dispatch();
        }
        return true;
    }

    private synchronized boolean decide(End how) {
        if (end != null) {
            return false;
        }
        end = how;
        return true;
    }

    /**
     * Ends all descendants that have not ended by themselves.
     *
     * @return the listeners to start, linked by {@code next}, those of one context in the order of registration
     */
    private @Nullable Listener decideDescendants(End how) {
        Listener actions = null;
        // The nodes whose lists are still to be taken, linked by next: a loop, since chains may be deeper than the
        // stack.
        CancelNode pending = null;
        CancelNode node = this;
        while (node != null) {
            node.disarm();
            Link link = node.first;
            node.first = null;
            while (link != null) {
                Link following = link.next;
                link.previous = null;
                link.next = null;
                if (link instanceof Listener listener) {
                    listener.next = actions;
                    actions = listener;
                } else if (link instanceof CancelNode child && child.decide(how)) {
                    child.next = pending;
                    pending = child;
                }
                link = following;
            }
            node = pending;
            if (node != null) {
                pending = (CancelNode) node.next;
                node.next = null;
            }
        }
        return actions;
    }

    void disarm() {}

    @Override
    public final String toString() {
        return "Context[" + state() + (deadline == null ? "" : ", " + deadline) + "]";
    }

    /** A context that ends at a deadline of its own; it is its own timer node. */
    static final class Timed extends CancelNode {
        private final End onTime;

        /** The place among the armed timers, -1 if it has none; guarded by the ticker. */
        int index = -1;

        Timed(BaseContext parent, Deadline deadline, End onTime) {
            super(parent, deadline);
            this.onTime = onTime;
        }

        /** Enters this new node into the tree and among the timers, or ends it if its deadline has passed. */
        Timed start(boolean expired) {
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
                ticker.arm(this);
            } catch (Throwable t) { // no memory or no thread for it: nobody would ever end this node
                close();
                throw t;
            }
        }

        /** When to end, on the ticker's clock. */
        long at() {
            return requireNonNull(deadline).nanos();
        }

        void expire() {
            end(onTime);
        }

        @Override
        void disarm() {
            ticker.disarm(this);
        }
    }
}
