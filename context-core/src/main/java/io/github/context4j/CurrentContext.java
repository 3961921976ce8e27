package io.github.context4j;

import org.jspecify.annotations.Nullable;

/**
 * The raw slot of the current context, for frameworks that carry it between threads. Everybody else uses
 * {@link Context#call}, {@link Context#wrap(Runnable)} or {@link Context#propagating(java.util.concurrent.Executor)}.
 */
public final class CurrentContext {
    private static final ThreadLocal<@Nullable Context> SLOT = new ThreadLocal<>();

    private CurrentContext() {}

    /** The context that is current on this thread, null if none is. */
    public static @Nullable Context get() {
        return SLOT.get();
    }

    /**
     * Makes {@code next} current on this thread; whoever calls this puts the previous one back.
     *
     * @param next null or {@link Context#background()}: none
     * @return the context that was current, null if none was
     */
    public static @Nullable Context exchange(@Nullable Context next) {
        Context previous = SLOT.get();
        SLOT.set(next == RootContext.BACKGROUND ? null : next);
        return previous;
    }
}
