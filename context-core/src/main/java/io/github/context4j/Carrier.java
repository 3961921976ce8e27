package io.github.context4j;

import org.jspecify.annotations.Nullable;

/**
 * Takes along what threads have besides the current context, such as a logger's MDC, a trace, or who is logged in, to where
 * work goes on: to the tasks of a {@link TaskGroup}, to what {@link Context#wrap(Runnable)} makes, and to the tasks of an
 * executor that is {@linkplain Context#propagating(java.util.concurrent.Executor) propagating}.
 *
 * <p>A context has a carrier as the value of {@link #KEY}, and so have those that are derived from it. Nothing is registered
 * anywhere else, so each application of a process carries what is its own, and where there is no carrier nothing is carried
 * but the context. Never carried is what belongs to a thread alone, as a transaction does.
 *
 * <p>What a carrier throws comes out where the task is forked, wrapped or submitted, and what a load throws is a failure of the
 * task: one that can do without should catch it. That of the Spring integration does so for each that it is made of.
 *
 * <p>Thread-safe; for integrations.
 */
@FunctionalInterface
public interface Carrier {
    /** The carrier of a context and of those below it. */
    Context.Key<Carrier> KEY = Context.Key.named("carrier");

    /** What the calling thread has now, null if that is nothing to be carried. Called where a task is forked, wrapped or submitted. */
    @Nullable
    Load capture();

    /** What a thread had. Thread-safe: a task may run several times, and on several threads at once. */
    @FunctionalInterface
    interface Load {
        /** Gives it to the calling thread, until the scope is closed there, which puts back what was there before. */
        Context.Scope open();
    }

    /** What the calling thread has now that the carrier of {@code context} takes along; null if there is none. */
    static @Nullable Load captureFor(Context context) {
        Carrier carrier = context.get(KEY);
        return carrier == null ? null : carrier.capture();
    }
}
