package io.github.context4j;

import org.jspecify.annotations.Nullable;

/** The values of many contexts, so that looking one up does not take longer with each: an open hash table, final once made. */
final class ValueIndex {
    /** After so many values without an index the next makes one: short chains are faster without. */
    private static final int EVERY = 8;

    /** Keys at the even places, each followed by its value; at least half of it is empty. */
    private final @Nullable Object[] table;

    private int size;

    private ValueIndex(int maxSize) {
        this.table = new Object[Integer.highestOneBit(maxSize) * 8];
    }

    /** The index of {@code nearest} and all beyond, if it is time for one, else null. */
    static @Nullable ValueIndex of(@Nullable ValueContext nearest) {
        int length = 0;
        ValueIndex beyond = null;
        for (ValueContext entry = nearest; entry != null; entry = entry.outer) {
            length++;
            beyond = entry.beyond;
        }
        if (length < EVERY) {
            return null;
        }
        ValueIndex index = new ValueIndex(length + (beyond == null ? 0 : beyond.size));
        for (ValueContext entry = nearest; entry != null; entry = entry.outer) {
            index.putIfAbsent(entry.key, entry.value);
        }
        if (beyond != null) {
            index.putAllIfAbsent(beyond.table);
        }
        return index;
    }

    private void putAllIfAbsent(@Nullable Object[] other) {
        for (int i = 0; i < other.length; i += 2) {
            Object value = other[i + 1];
            if (other[i] instanceof Context.Key<?> key && value != null) {
                putIfAbsent(key, value);
            }
        }
    }

    /** The nearest value of a key comes first. */
    private void putIfAbsent(Context.Key<?> key, Object value) {
        int place = placeOf(key);
        if (table[place] == null) {
            table[place] = key;
            table[place + 1] = value;
            size++;
        }
    }

    @Nullable
    Object get(Context.Key<?> key) {
        return table[placeOf(key) + 1];
    }

    /** Where {@code key} is, or would be. */
    private int placeOf(Context.Key<?> key) {
        int mask = table.length - 1;
        int place = (key.hash << 1) & mask;
        while (table[place] != null && table[place] != key) {
            place = (place + 2) & mask;
        }
        return place;
    }
}
