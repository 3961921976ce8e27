package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** A context that nothing ends: a root of the tree, or one that has only the values of another. */
final class RootContext extends BaseContext {
    static final RootContext BACKGROUND = new RootContext("background", null, TimerThread.INSTANCE);
    static final RootContext TODO = new RootContext("todo", null, TimerThread.INSTANCE);

    private final String name;
    private final @Nullable ValueContext values;
    private final Ticker ticker;

    RootContext(String name, @Nullable ValueContext values, Ticker ticker) {
        super(null);
        this.name = name;
        this.values = values;
        this.ticker = ticker;
    }

    @Override
    @Nullable
    CancelNode owner() {
        return null;
    }

    @Override
    @Nullable
    ValueContext values() {
        return values;
    }

    @Override
    Ticker ticker() {
        return ticker;
    }

    @Override
    public String toString() {
        return "Context[" + name + "]";
    }
}
