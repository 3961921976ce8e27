package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.util.concurrent.atomic.AtomicLong;

/** A context that an operator can see: that of a request. */
public final class LiveContext {
    /** The live context that a context belongs to. */
    public static final Context.Key<LiveContext> KEY = Context.Key.named("live-context");

    private static final AtomicLong ids = new AtomicLong();

    private final long id = ids.incrementAndGet();
    private final long startNanos = System.nanoTime();
    private final String name;
    private volatile String detail = "";
    private volatile Context context;

    /**
     * @param name what the work is, such as {@code GET}; no values
     * @param context its context
     */
    public LiveContext(String name, Context context) {
        this.name = requireNonNull(name, "name");
        this.context = requireNonNull(context, "context");
    }

    /** Unique in this process. */
    public long id() {
        return id;
    }

    /** When the work began, by {@link System#nanoTime()}. */
    public long startNanos() {
        return startNanos;
    }

    /** What the work is, such as {@code GET /users/{id}}; no values. */
    public String name() {
        String known = detail;
        return known.isEmpty() ? name : name + " " + known;
    }

    public Context context() {
        return context;
    }

    /** Says more exactly what the work is and which context governs it, once that is known. */
    public void refine(String detail, Context context) {
        this.detail = requireNonNull(detail, "detail");
        this.context = requireNonNull(context, "context");
    }
}
