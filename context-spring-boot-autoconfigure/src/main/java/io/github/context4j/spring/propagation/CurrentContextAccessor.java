package io.github.context4j.spring.propagation;

import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Has Micrometer's context propagation carry the current context, with its cancellation and deadline: by
 * {@code ContextSnapshot}, in Reactor's context, and to wherever else it carries what threads have.
 */
public final class CurrentContextAccessor implements ThreadLocalAccessor<Context> {
    /** The key of the context in snapshots and in Reactor's context. */
    public static final String KEY = "io.github.context4j.context";

    @Override
    public Object key() {
        return KEY;
    }

    @Override
    public @Nullable Context getValue() {
        return CurrentContext.get();
    }

    @Override
    public void setValue(Context context) {
        CurrentContext.exchange(context);
    }

    @Override
    public void setValue() {
        CurrentContext.exchange(null);
    }
}
