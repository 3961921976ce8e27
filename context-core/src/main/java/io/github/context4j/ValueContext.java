package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** A context with one more value than its parent; it ends with its parent's owner and is in nobody's list. */
final class ValueContext extends BaseContext {
    final Key<?> key;
    final Object value;

    /** Where values are looked up next; null if there are none, or an index of them. */
    final @Nullable ValueContext outer;

    /** The values beyond this one where they are many, else null. */
    final @Nullable ValueIndex beyond;

    private final @Nullable CancelNode owner;
    private final Ticker ticker;

    ValueContext(BaseContext parent, Key<?> key, Object value) {
        super(parent.deadline);
        this.key = key;
        this.value = value;
        ValueContext nearest = parent.values();
        this.beyond = ValueIndex.of(nearest);
        this.outer = beyond == null ? nearest : null;
        this.owner = parent.owner();
        this.ticker = parent.ticker();
    }

    @Override
    @Nullable
    CancelNode owner() {
        return owner;
    }

    @Override
    ValueContext values() {
        return this;
    }

    @Override
    Ticker ticker() {
        return ticker;
    }

    /** The value of {@code wanted} here or beyond, null if there is none. */
    @Nullable
    Object find(Key<?> wanted) {
        ValueContext entry = this;
        while (entry.key != wanted) {
            ValueContext next = entry.outer;
            if (next == null) {
                return entry.beyond == null ? null : entry.beyond.get(wanted);
            }
            entry = next;
        }
        return entry.value;
    }

    @Override
    public String toString() {
        return "Context[value of " + key + ", " + state() + "]";
    }
}
