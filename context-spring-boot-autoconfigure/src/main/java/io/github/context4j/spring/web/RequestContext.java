package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.Deadline;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.EndedRequest;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.RequestTimeoutException;
import jakarta.servlet.ServletRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of one request.
 *
 * <p>{@code base} ends when the client leaves, the server stops, or the request is over. Under it, {@link #context()} has the
 * time-out: at first the default one, once the handler is known the handler's. What comes after the handler (exception
 * handlers, saving of sessions, error pages) runs under {@link #afterwards}, which nothing cancels.
 */
final class RequestContext implements EndedRequest {
    private final Mode mode;
    private final ContextObserver observer;
    private final LiveContexts liveContexts;
    private final Context root;
    private final CancelableContext base;
    private final LiveContext live;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile RequestPolicy policy;
    /** What was derived here: for the filters, for the handler, beside a stream, for what its client has left. */
    private final List<CancelableContext> derivedHere = new ArrayList<>(2);

    private volatile Context context;
    private volatile ClientDisconnectedException.@Nullable Kind left;
    private volatile @Nullable Verdict verdict;
    private volatile boolean streaming;
    private boolean leftToApplication; // guarded by this
    private boolean refused;
    /** What was current when the handler was found, if a filter of the application's derived it; the container thread's. */
    private @Nullable Context enclosing;

    private boolean found; // this and the next: the container thread's
    private boolean failed;
    private @Nullable CancelableContext afterwards;
    /** How the handler left its context. */
    private record Verdict(Outcome outcome, @Nullable Throwable cause) {}

    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    RequestContext(
            String method,
            Context root,
            RequestPolicy policy,
            Mode mode,
            ContextObserver observer,
            LiveContexts liveContexts) {
        this.policy = policy;
        this.mode = mode;
        this.observer = observer;
        this.liveContexts = liveContexts;
        this.root = root;
        this.base = root.withCancel();
        this.live = new LiveContext(
                method, base, reason -> verdict == null && cancel(reason)); // what has returned is delivered
        this.context = bounded(base.withValue(LiveContext.KEY, live), policy);
        live.refine("", context);
        liveContexts.add(live);
        observer.requestBegan(live);
        watch(context); // it may have ended by now
    }

    /** The request's context that {@code request} has, null if it has none. */
    static @Nullable RequestContext of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof RequestContext found ? found : null;
    }

    /** The context that governs the handler. */
    Context context() {
        return context;
    }

    RequestPolicy policy() {
        return policy;
    }

    /** What the request is called in logs: its method and, once the handler is known, the pattern of its path. */
    String name() {
        return live.name();
    }

    /** Says that this thread is in the request from now on. */
    void enter() {
        live.enter();
    }

    /** Says that this thread is out of the request. */
    void leave() {
        live.leave();
    }

    boolean isEnded() {
        return ended.get();
    }

    boolean isHandlerFound() {
        return found;
    }

    /**
     * Gives the context what the handler wants, now that it is known, and makes it current on this thread. What a filter has
     * derived from it meanwhile stays current, and where the handler wants something else, its values do.
     */
    void handlerFound(String pattern, RequestPolicy wanted) {
        found = true;
        Context outer = Context.current();
        enclosing = outer == context ? null : outer;
        if (!wanted.equals(policy)) {
            governBy(bounded(enclosing == null ? base.withValue(LiveContext.KEY, live) : rebased(outer), wanted));
            CurrentContext.exchange(context);
        }
        live.refine(pattern, context);
        boolean cancels;
        ClientDisconnectedException.Kind kind;
        synchronized (this) {
            // A client that left before this moment has left under the old policy, whichever thread gets to say so.
            cancels = policy.cancelOnDisconnect() || wanted.cancelOnDisconnect();
            policy = wanted;
            kind = left;
        }
        if (kind != null && cancels) {
            cancel(new ClientDisconnectedException(kind));
        }
    }

    /** A context with the values of {@code outer}, which a filter derived, that ends with {@code base} alone. */
    @SuppressWarnings("MustBeClosedChecker") // ends with base, which end() closes
    private Context rebased(Context outer) {
        CancelableContext rebased = outer.withoutCancel().withCancel();
        base.onDone(() -> rebased.cancel(requireNonNull(base.cause())), Runnable::run);
        return rebased;
    }

    /** The first context may have ended by now, after an upload that took long; what counts is how the handler's ends. */
    private void governBy(Context handlers) {
        synchronized (this) {
            context = handlers;
            if (!handlers.isDone()) {
                live.goesOn();
            }
        }
        watch(handlers);
    }

    /** Has the end of {@code governing} timed, to tell later how long the handler went on; what follows it is let be. */
    private void watch(Context governing) {
        governing.onDone(
                () -> {
                    synchronized (this) {
                        if (leftToApplication
                                || context != governing
                                || verdict != null
                                || ended.get()
                                || live.isDone()) {
                            return;
                        }
                        live.done();
                    }
                    observer.requestDone(live);
                },
                Runnable::run);
    }

    private Context bounded(Context values, RequestPolicy wanted) {
        Duration limit = wanted.limit();
        if (limit == null || mode == Mode.OBSERVE) {
            return unbounded(values);
        }
        RequestTimeoutException cause = wanted.exceeded(limit);
        return wanted.streaming() ? boundedUntilReturn(values, limit, cause) : timed(values, limit, cause);
    }

    /** Where a context with a limit was there before, it is beside that of the handler, whose own are not to be mixed with it. */
    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    private Context unbounded(Context values) {
        return derivedHere.isEmpty() ? values : closedByEnd(values.withCancel());
    }

    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    private CancelableContext timed(Context parent, Duration limit, RequestTimeoutException cause) {
        Duration spent = Duration.ofNanos(System.nanoTime() - live.startNanos());
        return closedByEnd(parent.withDeadline(Deadline.after(limit.minus(spent)), cause));
    }

    private synchronized CancelableContext closedByEnd(CancelableContext derived) {
        derivedHere.add(derived);
        return derived;
    }

    /** What ends with base is closed before it, so that only what the application left open counts as unclosed. */
    private void closeAll() {
        List<CancelableContext> derived;
        synchronized (this) {
            derived = List.copyOf(derivedHere);
        }
        for (int i = derived.size() - 1; i >= 0; i--) {
            derived.get(i).close();
        }
        base.close();
    }

    /**
     * A stream must not be cut by the time-out of the request, and deadlines never change, so the context of a streaming
     * handler has none; instead a timer beside it cancels it if the handler has not returned by then.
     */
    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    private CancelableContext boundedUntilReturn(Context values, Duration limit, RequestTimeoutException cause) {
        CancelableContext stream = closedByEnd(values.withCancel());
        CancelableContext timer = timed(values, limit, cause);
        timer.onDone(
                () -> {
                    Throwable why = timer.cause();
                    if (!streaming && verdict == null && why instanceof RequestTimeoutException) {
                        stream.cancel(why);
                    }
                },
                Runnable::run);
        return stream;
    }

    /** The caller waits for too short a time: the request is not to be begun, or counts as one that should not have been. */
    void refuse(Duration callerWaits) {
        refused = mode == Mode.ENFORCE;
        verdict = new Verdict(Outcome.DEADLINE_EXCEEDED, RequestTimeoutException.ofCaller(callerWaits));
    }

    boolean isRefused() {
        return refused;
    }

    /** The client left. Called on an executor's thread. */
    void clientLeft(ClientDisconnectedException.Kind kind) {
        boolean cancels;
        synchronized (this) {
            if (ended.get() || left != null) {
                return;
            }
            left = kind;
            cancels = policy.cancelOnDisconnect();
        }
        if (cancels) {
            cancel(new ClientDisconnectedException(kind));
        }
        observer.clientDisconnected(kind);
    }

    private boolean cancel(ContextEndedReason reason) {
        return mode == Mode.ENFORCE && base.cancel(reason);
    }

    /** Leaves to the application what its client has left: it is not overdue, and {@code end} comes with the server's at the latest. */
    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    void leaveToApplication(Runnable end) {
        synchronized (this) {
            leftToApplication = true;
            live.goesOn();
        }
        closedByEnd(root.withCancel()).onDone(end);
        if (ended.get()) {
            closeAll();
        }
    }

    /** The handler has started what another thread goes on with: a body that streams from here on is not timed. */
    void handlerWentAsync() {
        streaming = policy.streaming();
    }

    /** The request was forwarded to another handler, which again runs under {@link #context()}. */
    void forwarded() {
        if (ended.get() || failed) {
            return; // an error page, which has the context that is current
        }
        verdict = null;
        closeAfterwards();
        CurrentContext.exchange(context);
    }

    /** The handler has thrown: from here on this thread runs under {@link #afterwards}. */
    void handlerFailed() {
        failed = true;
        handlerReturned();
    }

    /** The handler has returned: from here on this thread runs under {@link #afterwards}. */
    void handlerReturned() {
        if (!ended.get()) {
            decide();
            CurrentContext.exchange(afterwards());
        }
    }

    /** The thread goes back through the application's filters: what one of them made current is so again. */
    void leavesDispatcher() {
        Context outer = enclosing;
        if (outer != null) {
            enclosing = null;
            CurrentContext.exchange(outer);
        }
    }

    private synchronized Context afterwards() {
        if (afterwards != null) {
            return afterwards;
        }
        Context next = RequestContexts.afterwards(context, Context.current(), mode);
        if (next instanceof CancelableContext timed) {
            afterwards = timed;
        }
        return next;
    }

    private synchronized void closeAfterwards() {
        if (afterwards != null) {
            afterwards.close();
            afterwards = null;
        }
    }

    @Override
    public Outcome outcome() {
        Verdict known = verdict;
        return (known == null ? verdict() : known).outcome();
    }

    private Verdict decide() {
        Verdict known = verdict;
        if (known == null) {
            known = verdict();
            verdict = known;
        }
        return known;
    }

    private Verdict verdict() {
        Throwable cause = context.cause();
        if (mode == Mode.OBSERVE) {
            return wouldBe(cause);
        }
        Outcome outcome =
                cause instanceof RequestTimeoutException ? Outcome.DEADLINE_EXCEEDED : Outcome.of(context.state());
        return new Verdict(outcome, cause);
    }

    private Verdict wouldBe(@Nullable Throwable cause) {
        ClientDisconnectedException.Kind kind = left;
        Duration limit = policy.limit();
        if (kind != null && policy.cancelOnDisconnect()) {
            return new Verdict(Outcome.CANCELED, new ClientDisconnectedException(kind));
        }
        if (limit != null && !policy.streaming() && age().compareTo(limit) > 0) {
            return new Verdict(Outcome.DEADLINE_EXCEEDED, policy.exceeded(limit));
        }
        return new Verdict(Outcome.of(context.state()), cause);
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - live.startNanos());
    }

    /** The request is over. Idempotent: containers may report an asynchronous end twice. */
    void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Verdict last = decide();
        boolean overdue = live.isDone();
        liveContexts.remove(live);
        live.over();
        if (mode == Mode.ENFORCE) {
            closeAll(); // else what the request leaves behind would end with it: they are garbage when it is
        }
        closeAfterwards();
        observer.requestEnded(last.outcome(), last.cause(), age());
        if (overdue) {
            observer.cancellationTook(null, live.overdue());
        }
    }
}
