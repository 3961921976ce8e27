package io.github.context4j.spring.client;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.InterruptMask;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyTimeoutException;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP exchange under a context, from the first wait to the last byte. When the context ends it is aborted, whether a
 * thread is inside the client or nobody reads the response; whoever is inside learns of it when the client lets go.
 *
 * <p>The monitor is held for a few instructions, never while the client is called. A context that has ended is seen as such
 * before anything is aborted; so whatever the client says then, a clean end of the body included, is known for what it is.
 */
final class ClientCall {
    private static final System.Logger logger = System.getLogger(ClientCall.class.getName());

    private static final ThreadLocal<@Nullable ClientCall> CURRENT = new ThreadLocal<>();

    private final DependencyCall call;
    private final Dependency told;
    private final Context context;
    private Context.@Nullable Registration registration;

    private @Nullable Runnable abort;
    private boolean onlyIdle;
    private boolean aborted;

    /** How many threads are inside the client. */
    private int inside;

    private boolean over;

    /** Whether the exchange is over while its context was active: from then on the client is asked as it is. */
    private volatile boolean completed;

    /** @param told the dependency that says what the other side is told: that which was called, whoever named another for the limit */
    ClientCall(DependencyCall call, Dependency told) {
        this.call = call;
        this.told = told;
        this.context = call.context();
    }

    /** The exchange that this thread is sending, null if none: asked by the hooks in the clients. */
    static @Nullable ClientCall current() {
        return CURRENT.get();
    }

    Context context() {
        return context;
    }

    Dependency told() {
        return told;
    }

    /**
     * Runs {@code exchange}, which sends the request and waits for the head of the response.
     *
     * @throws IOException what the client throws; if the context has ended, an exception that says so
     */
    <T> T execute(Context.Op<T, IOException> exchange) throws IOException {
        registration =
                call.onDone(() -> context.onDone(this::abort)); // on the library's executor: it may take its time
        enter();
        ClientCall outer = CURRENT.get();
        CURRENT.set(this);
        try (InterruptMask mask = InterruptMask.open()) { // an interrupt costs most clients a connection
            return exchange.call();
        } catch (Throwable t) {
            throw failed(t);
        } finally {
            if (outer == null) {
                CURRENT.remove(); // nothing is left on a thread of a pool
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /** Says how to abort the exchange from now on; it is aborted at once if the context has ended. */
    void abortBy(Runnable means) {
        Runnable late;
        synchronized (this) {
            abort = means;
            onlyIdle = false;
            late = aborted ? takeMeans() : null;
        }
        run(late);
    }

    /** Says how to abort the exchange while no thread is inside the client. */
    synchronized void abortIdleBy(Runnable means) {
        abort = means;
        onlyIdle = true;
    }

    /** Aborts the exchange; whoever is inside the client ends it, and this does if nobody is. */
    void abort() {
        Runnable means;
        boolean idle;
        synchronized (this) {
            if (over) {
                return;
            }
            aborted = true;
            idle = inside == 0;
            means = idle || !onlyIdle ? takeMeans() : null;
        }
        run(means);
        if (idle) {
            end(context.exception());
        }
    }

    /** The means are used once. The caller holds the monitor. */
    private @Nullable Runnable takeMeans() {
        Runnable means = abort;
        abort = null;
        return means;
    }

    private static void run(@Nullable Runnable means) {
        if (means == null) {
            return;
        }
        try {
            means.run();
        } catch (RuntimeException | LinkageError e) {
            logger.log(System.Logger.Level.DEBUG, "An HTTP exchange could not be aborted", e);
        }
    }

    /**
     * Says that the thread is about to call the client.
     *
     * @return false if the exchange is over, so that nothing obeys its context any more
     * @throws IOException if the context has ended and that is a time-out of the dependency
     */
    boolean enter() throws IOException {
        if (completed) {
            return false;
        }
        count(1);
        if (context.isDone()) {
            throw failed(null);
        }
        return true;
    }

    private synchronized boolean count(int change) {
        inside += change;
        return inside == 0 && aborted;
    }

    /** Says that the client has returned, and that the exchange goes on. */
    void left() {
        if (count(-1)) {
            end(context.exception());
        }
    }

    /** Says that the client has returned the end of the body, and finds out whether it can be believed. */
    void atEnd() throws IOException {
        if (context.isDone()) {
            throw failed(null);
        }
        completed = true;
        count(-1);
        end(null);
    }

    /**
     * Says that the client has failed, with which the exchange is over.
     *
     * @param thrown null if nothing was thrown, but the context has ended
     * @return what to throw, unless it is unchecked and thrown from here
     */
    IOException failed(@Nullable Throwable thrown) {
        Throwable failure = translated(thrown);
        completed = !context.isDone();
        count(-1);
        end(failure);
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof IOException checked ? checked : new IOException(failure);
    }

    /**
     * Closes the response, which drains it with most clients, but not beyond the end of the context. What that throws is of
     * no interest then: closing is the last thing that is done, and must not hide what was thrown before.
     */
    void close(Runnable response) {
        if (completed) {
            response.run();
            return;
        }
        count(1);
        Throwable thrown = null;
        try (InterruptMask mask = InterruptMask.open()) {
            response.run();
        } catch (RuntimeException e) {
            thrown = e;
            if (!context.isDone()) {
                throw e;
            }
        } finally {
            ContextException ended = context.exception();
            completed = ended == null;
            count(-1);
            end(ended != null ? ended : thrown);
        }
    }

    /**
     * Ends the exchange. Whoever finds first that the context has ended may come before {@link #abort}; the exchange is aborted
     * here then, or else closing the response would go on reading it.
     */
    private void end(@Nullable Throwable failure) {
        Runnable means;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            aborted |= !completed;
            means = completed ? null : takeMeans();
            abort = null;
        }
        run(means);
        if (registration != null) {
            registration.stop();
        }
        call.end(failure);
    }

    private Throwable translated(@Nullable Throwable thrown) {
        ContextException ended = context.exception();
        if (ended == null) {
            return thrown != null ? thrown : new IOException("The exchange is over");
        }
        if (thrown instanceof Error) {
            return thrown;
        }
        if (context.cause() instanceof DependencyTimeoutException) {
            HttpTimeoutException timeout = new HttpTimeoutException(ended.getMessage());
            timeout.initCause(ended);
            return with(timeout, thrown);
        }
        return with(ended, thrown);
    }

    /** What the client said goes along as suppressed: as a cause it would be taken for what our own client did. */
    private static Throwable with(Throwable failure, @Nullable Throwable thrown) {
        if (thrown instanceof ContextException) {
            for (Throwable suppressed : thrown.getSuppressed()) { // the client's, below the one of interruptibly
                failure.addSuppressed(suppressed);
            }
        } else if (thrown != null) {
            failure.addSuppressed(thrown);
        }
        return failure;
    }
}
