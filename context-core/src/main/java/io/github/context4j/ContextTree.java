package io.github.context4j;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** Looks at the tree of contexts from above, for tools that show what is in progress; work itself has no need to. */
public final class ContextTree {
    private ContextTree() {}

    /**
     * The contexts that were derived from {@code context} directly and have not ended: a copy, of what may change meanwhile. A
     * context with a value is not one of them, but ends with the one that it was made from, and so both have the same. Roots,
     * which never end, do not know what was derived from them, and so have none.
     *
     * <p>It costs other threads nothing but a wait while some of the contexts are copied, if they derive from
     * {@code context} just then. The order is that of deriving, unless many threads derive from {@code context}.
     *
     * @param limit at most so many are returned; which of them, if there are more, is not specified
     * @throws IllegalArgumentException if {@code limit} is negative
     */
    public static List<Context> derivedFrom(Context context, int limit) {
        requireNonNull(context, "context");
        if (limit < 0) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: >= 0)");
        }
        CancelNode owner = ((BaseContext) context).owner();
        return owner == null ? List.of() : owner.children(limit);
    }
}
