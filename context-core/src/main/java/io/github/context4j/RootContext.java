package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** A context that nothing ends: a root of the tree, or one that has only the values of another. */
final class RootContext extends BaseContext {
    static final RootContext BACKGROUND = new RootContext("background", null, TimerThread.INSTANCE);
    static final RootContext TODO = new RootContext("todo", null, TimerThread.INSTANCE);

    private final String name;

    RootContext(String name, @Nullable BaseContext values, Ticker ticker) {
        super(values, ticker, null);
        this.name = name;
    }

    @Override
    @Nullable
    CancelNode owner() {
        return null;
    }

    @Override
    public String toString() {
        return "Context[" + name + "]";
    }
}
