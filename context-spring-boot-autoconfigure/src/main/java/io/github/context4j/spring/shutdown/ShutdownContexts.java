package io.github.context4j.spring.shutdown;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.Deadline;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.ShutdownException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * The contexts of the running server. Everything that a request starts descends from {@link #grace()}.
 *
 * <p>They are made anew whenever the application context starts, so that one that is stopped and started again, as in the
 * test cache, is not left with contexts that have ended.
 */
public final class ShutdownContexts implements SmartLifecycle, DisposableBean {
    /** How long requests that have been canceled may take to answer. */
    private static final Duration TO_ANSWER = Duration.ofSeconds(2);

    private static final long POLL_MILLIS = 20;

    private static final Log logger = LogFactory.getLog(ShutdownContexts.class);

    private final Context root;
    private final Duration gracePeriod;
    private final int phase;
    private final @Nullable LiveContexts requests;
    private final boolean drains;
    private volatile Contexts contexts;
    private volatile boolean running;

    private record Contexts(CancelableContext serving, CancelableContext grace, AtomicBoolean inGrace) {
        @SuppressWarnings("MustBeClosedChecker") // stop() ends them
        static Contexts open(Context root) {
            return new Contexts(root.withCancel(), root.withCancel(), new AtomicBoolean());
        }
    }

    /**
     * @param root what the contexts descend from; it never ends
     * @param gracePeriod how long after the beginning of the shutdown {@link #grace()} is canceled
     * @param phase the lifecycle phase in which the grace period begins: above that in which the server waits for its requests
     * @param requests those that descend from {@link #grace()}, null if none do
     * @param drains whether to wait for them in this phase, since the server does not
     */
    public ShutdownContexts(
            Context root, Duration gracePeriod, int phase, @Nullable LiveContexts requests, boolean drains) {
        this.root = requireNonNull(root, "root");
        this.gracePeriod = requireNonNull(gracePeriod, "gracePeriod");
        this.phase = phase;
        this.requests = requests;
        this.drains = drains;
        this.contexts = Contexts.open(root);
    }

    /** Done as soon as shutdown begins: Go's {@code signal.NotifyContext}. For workers, to take no more work. */
    public Context serving() {
        return contexts.serving();
    }

    /** Canceled with a {@link ShutdownException} when the grace period is over. */
    public Context grace() {
        return contexts.grace();
    }

    @Override
    public void start() {
        renew();
        running = true;
    }

    /** Makes them anew if they have ended; called before anything is started again. */
    public void renew() {
        if (contexts.serving().isDone()) {
            endGrace();
            contexts = Contexts.open(root);
        }
    }

    /**
     * Ends {@link #serving()}. It is called when the application begins to close, before anything is stopped; where it is only
     * stopped, after what depends on this bean. So a worker that is stopped by the life cycle cancels a context of its own, which
     * it has derived from {@link #serving()}, instead of waiting for that. Idempotent.
     */
    public void endServing() {
        contexts.serving().cancel(ShutdownException.begun(gracePeriod));
    }

    /** Begins the grace period and returns at once, for the server is to drain meanwhile; ends {@link #serving()}. Idempotent. */
    public void beginGrace() {
        endServing();
        Contexts stopping = contexts;
        if (stopping.inGrace().compareAndSet(false, true)) {
            endLater(stopping);
        }
    }

    /** As {@link #beginGrace()}. */
    @Override
    public void stop() {
        running = false;
        beginGrace();
    }

    /** As {@link #stop()}; where the server waits for no request, this does, until they are canceled and have answered. */
    @Override
    public void stop(Runnable callback) {
        stop();
        if (drains && requests != null && !requests.all().isEmpty()) {
            drain(requests);
        }
        callback.run();
    }

    private void drain(LiveContexts requests) {
        Deadline patience = Deadline.after(gracePeriod.plus(TO_ANSWER));
        try {
            while (!requests.all().isEmpty() && !patience.isExpired()) {
                Thread.sleep(POLL_MILLIS);
            }
            Thread.sleep(POLL_MILLIS); // the last one is still to be written by the server
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by the timer itself, or by the grace context that it watches
    private void endLater(Contexts stopping) {
        CancelableContext timer = stopping.grace().withTimeout(gracePeriod);
        timer.onDone(() -> end(stopping, ShutdownException.graceOver(gracePeriod)));
    }

    private void end(Contexts stopping, ShutdownException why) {
        long left = requests == null
                ? 0
                : requests.all().stream()
                        .filter(request -> !request.context().isDone())
                        .count();
        if (stopping.grace().cancel(why) && left > 0) {
            logger.info("Canceling " + left + " request(s): " + why.getMessage());
        }
    }

    /** Cancels what none of the phases of the shutdown has waited for; called before anything is destroyed. Idempotent. */
    public void endGrace() {
        end(contexts, ShutdownException.stopped());
    }

    /** Cancels what is left, where there was no life cycle. */
    @Override
    public void destroy() {
        stop();
        endGrace();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return phase;
    }
}
