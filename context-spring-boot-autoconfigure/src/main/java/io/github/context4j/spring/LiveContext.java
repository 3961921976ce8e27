package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A context that an operator can see: that of a request. Thread-safe. */
public final class LiveContext {
    /** The live context that a context belongs to. */
    public static final Context.Key<LiveContext> KEY = Context.Key.named("live-context");

    private static final AtomicLong ids = new AtomicLong();

    private final long id = ids.incrementAndGet();
    private final long startNanos = System.nanoTime();
    private final String name;
    private final Predicate<ContextEndedReason> canceler;
    private volatile String detail = "";
    private volatile Context context;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Object attachment;
    private volatile long doneNanos;
    private volatile boolean done;
    private volatile boolean over;

    /**
     * @param name what the work is, such as {@code GET}; no values
     * @param context its context
     * @param canceler cancels it, and says whether that was what ended it
     */
    public LiveContext(String name, Context context, Predicate<ContextEndedReason> canceler) {
        this.name = requireNonNull(name, "name");
        this.context = requireNonNull(context, "context");
        this.canceler = requireNonNull(canceler, "canceler");
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

    /** The thread that does the work now, null if none is known to. */
    public @Nullable Thread thread() {
        return thread;
    }

    /** Says that this thread does the work from now on. */
    public void enter() {
        thread = Thread.currentThread();
    }

    /** Says that this thread does no more of the work; another may have begun to. */
    public void leave() {
        if (thread == Thread.currentThread()) {
            thread = null;
        }
    }

    /** Keeps what the observer that begins it wants to have at hand later: one object, for the library's own use. */
    public void attach(Object attachment) {
        this.attachment = requireNonNull(attachment, "attachment");
    }

    /** What was attached, null if nothing was. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** Says that the context which governs the work has ended. */
    public void done() {
        doneNanos = System.nanoTime();
        done = true;
    }

    /** Says that the work goes on under another context, which has not ended. */
    public void goesOn() {
        done = false;
    }

    /** Whether the context which governs the work has ended. */
    public boolean isDone() {
        return done;
    }

    /** Says that the work is over. */
    public void over() {
        over = true;
        attachment = null; // a task that goes on with the request's values would keep the request itself
    }

    /** Whether the work came to its end before its context did, which was only closed then: nobody has canceled anything. */
    public boolean isOverInTime() {
        return over && !done;
    }

    /** How long ago the context ended under which the work goes on; zero if it has not. */
    public Duration overdue() {
        return done ? Duration.ofNanos(System.nanoTime() - doneNanos) : Duration.ZERO;
    }

    /** Cancels the work. Returns whether this was what ended its context: not if that had ended, or is not to be ended. */
    public boolean cancel(ContextEndedReason reason) {
        return canceler.test(requireNonNull(reason, "reason"));
    }
}
