package io.github.context4j;

import io.github.context4j.UnclosedContexts.Origin;
import org.jspecify.annotations.Nullable;

/** The way of one end through the tree below the node that it began with. */
final class Ending {
    private final End how;

    /** The nodes whose lists are still to be taken, linked by next: a loop, since chains may be deeper than the stack. */
    private @Nullable CancelNode pending;

    /** The listeners to start, linked by next, those of one context in the order of registration. */
    private @Nullable Listener actions;

    /** How many contexts were left open, and where some of them were derived, linked by next. */
    private int unclosed;

    private @Nullable Origin origins;

    Ending(End how) {
        this.how = how;
    }

    /** Ends all descendants of {@code node} that have not ended by themselves, and starts the actions of all. */
    void of(CancelNode node) {
        decide(node.take(), false);
        for (CancelNode next = pending; next != null; next = pending) {
            pending = (CancelNode) next.next;
            next.unlink();
            next.disarm();
            decide(next.take(), how == End.CLOSED);
        }
        for (Listener action = actions; action != null; action = actions) {
            actions = (Listener) action.next;
            action.unlink();
            action.dispatch();
        }
        if (how == End.CLOSED && unclosed > 0) {
            UnclosedContexts.found(unclosed, origins);
        }
    }

    private void decide(@Nullable Link list, boolean leftOpen) {
        for (Link link = list; link != null; ) {
            Link following = link.next;
            link.unlink();
            if (link instanceof Listener listener) {
                listener.next = actions;
                actions = listener;
            } else if (link instanceof CancelNode child) {
                decide(child);
            } else if (link instanceof Stripes stripes) {
                for (int i = 0; i < stripes.count(); i++) {
                    decide(stripes.take(i), leftOpen);
                }
            } else if (link instanceof Origin origin && leftOpen) {
                origin.next = origins;
                origins = origin;
            }
            link = following;
        }
    }

    private void decide(CancelNode child) {
        if (child.decide(how)) {
            child.next = pending;
            pending = child;
            unclosed++;
        }
    }
}
