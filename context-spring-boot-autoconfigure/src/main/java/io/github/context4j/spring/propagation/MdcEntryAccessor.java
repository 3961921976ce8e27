package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/** Has Micrometer's context propagation carry an entry of the MDC. */
public final class MdcEntryAccessor implements ThreadLocalAccessor<String> {
    private final MdcEntry entry;

    public MdcEntryAccessor(MdcEntry entry) {
        this.entry = requireNonNull(entry, "entry");
    }

    @Override
    public Object key() {
        return "io.github.context4j.mdc." + entry.key();
    }

    @Override
    public @Nullable String getValue() {
        return entry.get();
    }

    @Override
    public void setValue(String value) {
        entry.set(value);
    }

    @Override
    public void setValue() {
        entry.set(null);
    }
}
