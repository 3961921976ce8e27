package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** A context with one more value than its parent; it ends with its parent's owner and is in nobody's list. */
final class ValueContext extends BaseContext {
    final Key<?> key;
    final Object value;
    private final @Nullable CancelNode owner;

    ValueContext(BaseContext parent, Key<?> key, Object value) {
        super(parent, parent.ticker, parent.deadline);
        this.key = key;
        this.value = value;
        this.owner = parent.owner();
    }

    @Override
    @Nullable
    CancelNode owner() {
        return owner;
    }

    @Override
    public String toString() {
        return "Context[value of " + key + ", " + state() + "]";
    }
}
