package io.github.context4j.spring;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call to a dependency, from the first wait to the last byte: its context, and what an operator wants to know of it.
 * Used by one thread at a time; {@link #context()} and the getters by any.
 */
public final class DependencyCall {
    private final DependencyCalls calls;
    private final Dependency dependency;
    private final String operation;
    private final Context caller;
    private final @Nullable Duration limit;
    private final boolean counted;
    private final Context context;
    private final Thread thread = Thread.currentThread();
    private final long startNanos = System.nanoTime();
    private volatile long doneNanos;
    private volatile boolean done;
    private volatile boolean ended;

    DependencyCall(
            DependencyCalls calls,
            Dependency dependency,
            String operation,
            Context caller,
            @Nullable Duration limit,
            boolean counted) {
        this.calls = calls;
        this.dependency = dependency;
        this.operation = operation;
        this.caller = caller;
        this.limit = limit;
        this.counted = counted;
        this.context = limit == null || calls.mode() == Mode.OBSERVE ? caller : derive(caller, dependency, limit);
    }

    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    private static Context derive(Context caller, Dependency dependency, Duration limit) {
        Duration timeout = dependency.timeout();
        return caller.withTimeout(
                limit, new DependencyTimeoutException(dependency.name(), timeout != null ? timeout : limit));
    }

    /** The context of this call: done when the caller's is, or when the dependency's time-out has passed. */
    public Context context() {
        return context;
    }

    /** The context in which the call was made. */
    public Context caller() {
        return caller;
    }

    public Dependency dependency() {
        return dependency;
    }

    /** What is done there, such as {@code query}. */
    public String operation() {
        return operation;
    }

    /** The thread that made the call. */
    public Thread thread() {
        return thread;
    }

    /** When the call began, by {@link System#nanoTime()}. */
    public long startNanos() {
        return startNanos;
    }

    /** Whether this is a part of a call by {@link Dependencies#call}, which is the one that counts. */
    public boolean isPart() {
        return !counted;
    }

    /** Whether the call is over, so that nothing is a part of it any more. */
    boolean isEnded() {
        return ended;
    }

    /** How long ago the context ended while this call went on; zero if it has not, or nobody has {@link #onDone asked}. */
    public Duration overdue() {
        return done ? Duration.ofNanos(System.nanoTime() - doneNanos) : Duration.ZERO;
    }

    /**
     * Runs {@code cancel} when the context ends, on the thread that ends it: it must not block.
     *
     * @return to be stopped before the call ends
     */
    public Context.Registration onDone(Runnable cancel) {
        return context.onDone(
                () -> {
                    doneNanos = System.nanoTime();
                    done = true;
                    cancel.run();
                    if (!ended) {
                        calls.observer().callDone(this);
                    }
                },
                Runnable::run);
    }

    /**
     * Ends the call: closes its context and tells the observers. Idempotent.
     *
     * @param failure what the call failed with, null if it succeeded
     */
    public void end(@Nullable Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        long now = System.nanoTime();
        Outcome outcome = outcome(failure, now);
        boolean late = done; // closing is an end, too, but nobody's wish
        close();
        if (counted) {
            calls.observer().callEnded(this, outcome, Duration.ofNanos(now - startNanos));
            if (late) {
                calls.observer().cancellationTook(dependency, Duration.ofNanos(now - doneNanos));
            }
        }
    }

    /**
     * Ends the call without counting it, because it goes on as another, such as the wait for a connection as the query for
     * which it was: that one is begun with the time used and counts for both.
     */
    public void handOver() {
        ended = true;
        close();
    }

    private void close() {
        if (context != caller && context instanceof CancelableContext own) {
            own.close();
        }
        calls.remove(this);
    }

    private Outcome outcome(@Nullable Throwable failure, long now) {
        if (calls.mode() == Mode.OBSERVE && limit != null && now - startNanos > limit.toNanos()) {
            return Outcome.DEADLINE_EXCEEDED;
        }
        if (failure == null) {
            return Outcome.COMPLETED;
        }
        Outcome ended = Outcome.of(context.state());
        return ended == Outcome.COMPLETED ? Outcome.FAILED : ended;
    }
}
