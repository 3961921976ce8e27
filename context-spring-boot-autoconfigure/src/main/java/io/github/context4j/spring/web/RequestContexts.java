package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.PropagatedValues;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the contexts of requests. Thread-safe. */
public final class RequestContexts {
    /** Which requests a client cancels by leaving, where the handler does not say. */
    public enum CancelOn {
        ANY_METHOD,
        SAFE_METHODS,
        NO_METHOD
    }

    /** How long what comes after the handler may take: enough to save a session, too short to hold up a shutdown. */
    static final Duration AFTERWARDS = Duration.ofSeconds(5);

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private final Mode mode;
    private final InboundDeadlines deadlines;
    private final PropagatedValues values;
    private final RequestPolicy canceling;
    private final RequestPolicy notCanceling;
    private final CancelOn cancelOn;
    private final Supplier<Context> root;
    private final LiveContexts live;
    private final ContextObserver observer;

    /**
     * @param timeout how long a request may take unless its handler says otherwise, null for no limit
     * @param deadlines how long callers wait
     * @param values what callers may say of the context's values
     * @param root what the contexts of new requests descend from
     */
    public RequestContexts(
            Mode mode,
            @Nullable Duration timeout,
            InboundDeadlines deadlines,
            PropagatedValues values,
            CancelOn cancelOn,
            Supplier<Context> root,
            LiveContexts live,
            ContextObserver observer) {
        this.mode = requireNonNull(mode, "mode");
        this.canceling = new RequestPolicy(timeout, null, true, false);
        this.notCanceling = new RequestPolicy(timeout, null, false, false);
        this.deadlines = requireNonNull(deadlines, "deadlines");
        this.values = requireNonNull(values, "values");
        this.cancelOn = requireNonNull(cancelOn, "cancelOn");
        this.root = requireNonNull(root, "root");
        this.live = requireNonNull(live, "live");
        this.observer = requireNonNull(observer, "observer");
    }

    /** The context of {@code request}, made now; it must be ended. It may say that the request is not to be begun. */
    RequestContext begin(HttpServletRequest request) {
        Duration callerWaits = deadlines.of(request);
        RequestPolicy policy =
                callerWaits == null ? policy(request) : policy(request).withCallerWaits(callerWaits);
        RequestContext context = new RequestContext(request.getMethod(), root(request), policy, mode, observer, live);
        if (callerWaits != null && deadlines.isTooLittle(callerWaits)) {
            context.refuse(callerWaits);
        }
        request.setAttribute(RequestContext.ATTRIBUTE, context);
        if (request.getAttribute(DisconnectWatch.ATTRIBUTE) instanceof DisconnectWatch watch) {
            watch.onDisconnect(context::clientLeft);
        }
        return context;
    }

    private Context root(HttpServletRequest request) {
        if (values.isEmpty() || request.getHeader(PropagatedValues.HEADER) == null) {
            return root.get();
        }
        return values.read(Collections.list(request.getHeaders(PropagatedValues.HEADER)), root.get());
    }

    /** The context for an error page of a request whose own has ended; to be closed if it can be. */
    Context afterwards(RequestContext known) {
        return afterwards(known.context(), known.context(), mode);
    }

    /**
     * The context for what comes after the work that {@code ended} governed: with the values of {@code values}, canceled by
     * nothing. Only where {@code ended} has ended is it bounded, so that what worked without a context goes on working.
     */
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    static Context afterwards(Context ended, Context values, Mode mode) {
        Context detached = values.withoutCancel();
        return ended.isDone() && mode == Mode.ENFORCE ? detached.withTimeout(AFTERWARDS) : detached;
    }

    private RequestPolicy policy(HttpServletRequest request) {
        boolean cancels =
                switch (cancelOn) {
                    case ANY_METHOD -> true;
                    case SAFE_METHODS -> SAFE_METHODS.contains(request.getMethod());
                    case NO_METHOD -> false;
                };
        return cancels ? canceling : notCanceling;
    }
}
