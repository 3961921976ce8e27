package io.github.context4j;

import org.jspecify.annotations.Nullable;

/**
 * An element of a {@link CancelNode}'s list of children and listeners, or of what tells of them. The fields belong to the lock of the list that it is
 * in, and, once the node of that list has ended, to the thread that ended it.
 */
abstract sealed class Link permits BaseContext, Listener, Stripes, UnclosedContexts.Origin {
    @Nullable
    Link previous;

    @Nullable
    Link next;

    /** Puts this in front of the list that begins with {@code first}; returns what it begins with then. */
    final Link before(@Nullable Link first) {
        next = first;
        if (first != null) {
            first.previous = this;
        }
        return this;
    }

    /** Takes this out of the list that begins with {@code first}; returns what it begins with then. */
    final @Nullable Link outOf(@Nullable Link first) {
        Link before = previous;
        Link after = next;
        if (before != null) {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        unlink();
        return before != null ? first : after;
    }

    /** Forgets the neighbors, which may be garbage that would be kept alive. */
    final void unlink() {
        previous = null;
        next = null;
    }
}
