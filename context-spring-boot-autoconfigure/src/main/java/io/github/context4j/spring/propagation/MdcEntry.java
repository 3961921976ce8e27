package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.ContextEndedReason;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** One entry of SLF4J's MDC, to be carried to other threads. Thread-safe. */
public final class MdcEntry {
    private final String key;

    /** @param key of the entry */
    public MdcEntry(String key) {
        this.key = requireNonNull(key, "key");
    }

    String key() {
        return key;
    }

    /** The value on this thread, null if there is none. */
    public @Nullable String get() {
        return MDC.get(key);
    }

    void set(@Nullable String value) {
        if (value == null) {
            MDC.remove(key);
        } else {
            MDC.put(key, value);
        }
    }

    /** A task that runs {@code task} with the entry as it is now; {@code task} itself if there is none. What {@link CauseInMdc} left is removed. */
    Runnable carriedBy(Runnable task) {
        String value = get();
        return value == null ? task : () -> runWith(value, task);
    }

    private void runWith(String value, Runnable task) {
        String before = get();
        set(value);
        try {
            task.run();
        } finally {
            set(before);
            MDC.remove(ContextEndedReason.MDC_KEY);
        }
    }
}
