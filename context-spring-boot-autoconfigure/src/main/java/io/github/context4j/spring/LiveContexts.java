package io.github.context4j.spring;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The contexts that an operator can see. Thread-safe. */
public final class LiveContexts {
    private final Set<LiveContext> live = ConcurrentHashMap.newKeySet();

    public void add(LiveContext context) {
        live.add(context);
    }

    public void remove(LiveContext context) {
        live.remove(context);
    }

    /** Those that were added and not removed: a live view. */
    public Collection<LiveContext> all() {
        return Collections.unmodifiableSet(live);
    }
}
