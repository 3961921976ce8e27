package io.github.context4j;

/**
 * A context that its creator can end. Whoever derives one closes it when the work is over, best by try-with-resources;
 * until then its parent holds on to it, and its timer stays armed.
 */
public sealed interface CancelableContext extends Context, AutoCloseable permits CancelNode {

    /**
     * Ends this context and all that were derived from it, and starts their actions.
     *
     * @return true if this call is what ended it, false if it had ended before
     */
    boolean cancel();

    /** As {@link #cancel()}, with {@code cause} as the {@link #cause()} of every context that ends by it. */
    boolean cancel(Throwable cause);

    /** Ends this context because its work is over: Go's deferred {@code cancel()}. Not a failure; idempotent. */
    @Override
    void close();
}
