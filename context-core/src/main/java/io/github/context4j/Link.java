package io.github.context4j;

import org.jspecify.annotations.Nullable;

/**
 * An element of a {@link CancelNode}'s list of children and listeners. The fields belong to the lock of the node whose list
 * it is, and, once that node has ended, to the thread that ended it.
 */
abstract sealed class Link permits BaseContext, Listener {
    @Nullable
    Link previous;

    @Nullable
    Link next;
}
