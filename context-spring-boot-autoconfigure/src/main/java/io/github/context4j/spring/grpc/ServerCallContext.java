package io.github.context4j.spring.grpc;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.RequestTimeoutException;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The context of one call to a server. It ends when the client cancels, when its deadline or the time-out of this process
 * passes, when the server stops, or when gRPC says that the call is over. What gRPC's own context says arrives on the server's
 * executor, beside the handler, which is told only when it has returned.
 */
final class ServerCallContext implements io.grpc.Context.CancellationListener {
    /** How long what comes after the call may take, where its context has ended. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(5);

    private final ServerCallContexts settings;
    private final MethodDescriptor<?, ?> method;
    private final io.grpc.Context grpc;
    private final @Nullable Duration callerWaits;
    private final @Nullable Duration timeout;
    private final CancelableContext own;
    private final LiveContext live;
    private final Context context;
    private final AtomicBoolean ended = new AtomicBoolean();
    private boolean refused;
    /** Why gRPC says that the call ended before its handler did. */
    private final AtomicReference<@Nullable ContextEndedReason> told = new AtomicReference<>();

    private volatile @Nullable Verdict verdict;

    /** How the handler left its context. */
    private record Verdict(Outcome outcome, @Nullable Throwable cause) {}

    ServerCallContext(ServerCallContexts settings, MethodDescriptor<?, ?> method, io.grpc.Context grpc) {
        this.settings = settings;
        this.method = method;
        this.grpc = grpc;
        this.callerWaits = timeLeft();
        this.timeout = settings.timeout(method);
        this.own = derive(settings.root().get());
        this.live = new LiveContext("gRPC", own, this::cancel);
        this.context = own.withValue(LiveContext.KEY, live);
        live.refine(method.getFullMethodName(), context);
        settings.live().add(live);
        settings.observer().requestBegan(live);
        if (callerWaits != null && isTooLittle(callerWaits)) {
            refused = settings.mode() == Mode.ENFORCE;
            verdict = new Verdict(Outcome.DEADLINE_EXCEEDED, RequestTimeoutException.ofCaller(callerWaits));
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // end() closes it
    private CancelableContext derive(Context root) {
        if (settings.mode() == Mode.OBSERVE) {
            return root.withCancel();
        }
        if (callerWaits != null && (timeout == null || callerWaits.compareTo(timeout) < 0)) {
            return root.withTimeout(callerWaits, RequestTimeoutException.ofCaller(callerWaits));
        }
        return timeout == null ? root.withCancel() : root.withTimeout(timeout, new RequestTimeoutException(timeout));
    }

    void listen() {
        context.onDone(
                () -> {
                    if (!ended.get()) {
                        live.done();
                        settings.observer().requestDone(live);
                    }
                },
                Runnable::run);
        grpc.addListener(this, Runnable::run);
    }

    /** How long the caller waits from now on, null if it does not say. */
    private @Nullable Duration timeLeft() {
        io.grpc.Deadline deadline = grpc.getDeadline();
        return deadline == null ? null : Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    }

    private boolean isTooLittle(Duration time) {
        Duration least = settings.minBudget();
        return time.isZero() || (least != null && time.compareTo(least) < 0);
    }

    /** Whether the caller left the call too little time to be begun. */
    boolean isRefused() {
        return refused;
    }

    Context context() {
        return context;
    }

    /** What the call is named in logs. */
    String name() {
        return live.name();
    }

    /** gRPC's context has ended: because the call is over, at its deadline, or because the client canceled. */
    @Override
    public void cancelled(io.grpc.Context grpcContext) {
        if (grpcContext.cancellationCause() != null) {
            cutShort();
        }
    }

    /** gRPC says, by its context or to the listener, whichever thread is the first, that the call is over before it was closed. */
    void cutShort() {
        if (verdict != null) {
            return;
        }
        Duration left = timeLeft();
        ContextEndedReason why = callerWaits != null && left != null && Due.isIn(left)
                ? RequestTimeoutException.ofCaller(callerWaits) // our own timer is due, and says so to the context
                : new ClientDisconnectedException(ClientDisconnectedException.Kind.RESET);
        boolean first = told.compareAndSet(null, why);
        ContextEndedReason reason = reason();
        if (reason instanceof ClientDisconnectedException) {
            cancel(reason);
        }
        if (first && why instanceof ClientDisconnectedException gone) {
            settings.observer().clientDisconnected(gone.kind());
        }
    }

    private boolean cancel(ContextEndedReason reason) {
        return settings.mode() == Mode.ENFORCE && own.cancel(reason);
    }

    /** What gRPC has told, if it is to end the context. */
    private @Nullable ContextEndedReason reason() {
        ContextEndedReason why = told.get();
        boolean counts = !(why instanceof ClientDisconnectedException)
                || settings.endsWithClient().test(method);
        return counts ? why : null;
    }

    /**
     * The context for what gRPC calls when the call is over, to be closed if it can be: with the values of the call, canceled by
     * nothing, and bounded only where the call's has ended.
     */
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    Context afterwards() {
        Context detached = context.withoutCancel();
        return context.isDone() && settings.mode() == Mode.ENFORCE ? detached.withTimeout(AFTERWARDS) : detached;
    }

    /** The handler has closed the call: what its context says from here on no longer counts. */
    void handlerClosed() {
        decide();
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
        if (cause == null) {
            cause = reason();
        }
        if (cause == null && settings.mode() == Mode.OBSERVE && timeout != null && age().compareTo(timeout) > 0) {
            cause = new RequestTimeoutException(timeout);
        }
        if (cause == null) {
            return new Verdict(Outcome.COMPLETED, null);
        }
        boolean late = cause instanceof RequestTimeoutException || context.state() == Context.State.DEADLINE_EXCEEDED;
        return new Verdict(late ? Outcome.DEADLINE_EXCEEDED : Outcome.CANCELED, cause);
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - live.startNanos());
    }

    /** The call is over. Idempotent. */
    void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Verdict last = decide();
        boolean overdue = live.isDone();
        settings.live().remove(live);
        live.over();
        if (settings.mode() == Mode.ENFORCE && !(told.get() instanceof RequestTimeoutException)) {
            own.close(); // else its timer, which is due, says why: somebody may still work under it
        }
        settings.observer().requestEnded(last.outcome(), last.cause(), age());
        if (overdue) {
            settings.observer().cancellationTook(null, live.overdue());
        }
    }
}
