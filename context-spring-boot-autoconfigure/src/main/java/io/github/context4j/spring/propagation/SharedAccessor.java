package io.github.context4j.spring.propagation;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps an accessor in Micrometer's registry until it is closed. The registry is that of the whole process: of several
 * applications in it, the last to close its own takes the accessor out.
 */
public final class SharedAccessor implements AutoCloseable {
    private static final Map<Object, Integer> USERS = new HashMap<>(); // guarded by itself

    private final Object key;

    public SharedAccessor(ThreadLocalAccessor<?> accessor) {
        this.key = accessor.key();
        synchronized (USERS) {
            if (USERS.merge(key, 1, Integer::sum) == 1) {
                ContextRegistry.getInstance().registerThreadLocalAccessor(accessor);
            }
        }
    }

    /** To be called once. */
    @Override
    public void close() {
        synchronized (USERS) {
            if (USERS.computeIfPresent(key, (any, users) -> users == 1 ? null : users - 1) == null) {
                ContextRegistry.getInstance().removeThreadLocalAccessor(key.toString());
            }
        }
    }
}
