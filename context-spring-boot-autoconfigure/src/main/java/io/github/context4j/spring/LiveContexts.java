package io.github.context4j.spring;

import io.github.context4j.Context;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The contexts that an operator can see. Thread-safe. */
public final class LiveContexts {
    private final Set<LiveContext> live = ConcurrentHashMap.newKeySet();

    public void add(LiveContext context) {
        live.add(context);
    }

    public void remove(LiveContext context) {
        live.remove(context);
    }

    /** The one that a context belongs to, null if none does or it is over: a task may go on with the values of its request. */
    public @Nullable LiveContext of(Context context) {
        LiveContext found = context.get(LiveContext.KEY);
        return found != null && live.contains(found) ? found : null;
    }

    /** Those that were added and not removed: a live view. */
    public Collection<LiveContext> all() {
        return Collections.unmodifiableSet(live);
    }
}
