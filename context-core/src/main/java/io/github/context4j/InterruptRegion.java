package io.github.context4j;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context.Op;
import io.github.context4j.Context.Registration;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The time that a thread spends in {@link Context#interruptibly}, in which the end of the context interrupts it.
 *
 * <p>The interrupt is sent by an {@code onDone} action that leaving stops: it is taken back, or else leaving waits until it
 * has been sent. So none arrives later, and whoever leaves knows whether one was sent. A thread has but one flag, so two
 * interrupts may have become one; the rules in {@link #takeBack} see to it that ours is the one that goes.
 *
 * <p>Under an {@link InterruptMask} nothing is sent, and what was sent is taken back until the mask goes.
 */
final class InterruptRegion implements Runnable {
    private static final ThreadLocal<@Nullable InterruptRegion> INNERMOST = new ThreadLocal<>();

    /** Longer cause chains than this are taken for cycles. */
    private static final int MAX_DEPTH = 100;

    private final Thread thread = Thread.currentThread();
    private final @Nullable InterruptRegion outer = INNERMOST.get();

    private enum Phase {
        /** The thread may be interrupted. */
        OPEN,
        /** It is being interrupted. */
        SENDING,
        /** It was interrupted. */
        SENT,
        /** It may not be interrupted now. */
        MASKED,
        /** It is to be interrupted when the mask goes. */
        DUE,
        /** It was interrupted before the mask came. */
        SENT_BEFORE
    }

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);

    /** Of this region, those that it is in and those that are in it. */
    private final Counts counts = outer == null ? new Counts() : outer.counts;

    private final Context context;

    /** The mask that is over this region, null if none is; the thread's own. */
    private @Nullable InterruptMask mask;

    /** Whether somebody else's interrupt was pending when ours was sent; written before the phase. */
    private boolean foreign;

    /** Whether the thread has set the flag for this region again, though the interrupt may have been noticed; its own. */
    private boolean again;

    /** Whether the sending is over; the thread is not touched any more. */
    private volatile boolean finished;

    /**
     * Whose interrupt it is that is in the flag. Both only grow: {@code sent} before the interrupt is sent, {@code settled}
     * after the flag was cleared.
     */
    private static final class Counts {
        final AtomicInteger sent = new AtomicInteger();
        final AtomicInteger settled = new AtomicInteger();

        /** Whether {@code thread} has an interrupt pending that none of the regions sent. Reads in this order. */
        boolean isForeignPending(Thread thread) {
            int before = settled.get();
            return thread.isInterrupted() && sent.get() == before;
        }
    }

    private InterruptRegion(Context context) {
        this.context = context;
    }

    static <T extends @Nullable Object, X extends Throwable> T call(
            BaseContext context, Op<? extends T, ? extends X> op) throws X {
        context.throwIfDone();
        InterruptRegion region = new InterruptRegion(context);
        Registration registration = context.onDone(region, Runnable::run);
        INNERMOST.set(region);
        T value;
        try {
            value = op.call();
        } catch (Throwable thrown) {
            if (region.leave(registration, thrown)) {
                ContextException ended = requireNonNull(context.exception());
                ended.addSuppressed(thrown);
                throw ended;
            }
            throw thrown;
        }
        region.leave(registration, null);
        return value;
    }

    /** The region that the current thread is in, null if it is in none. */
    static @Nullable InterruptRegion innermost() {
        return INNERMOST.get();
    }

    @Nullable
    InterruptRegion outer() {
        return outer;
    }

    /** Interrupts the thread; runs where the context ends. */
    @Override
    public void run() {
        try {
            while (!phase.compareAndSet(Phase.MASKED, Phase.DUE)) {
                if (phase.compareAndSet(Phase.OPEN, Phase.SENDING)) {
                    foreign = counts.isForeignPending(thread);
                    counts.sent.incrementAndGet();
                    phase.set(Phase.SENT);
                    thread.interrupt();
                    break;
                }
            }
        } finally {
            finished = true;
        }
    }

    Context context() {
        return context;
    }

    /** The mask that is over this region, null if none is. */
    @Nullable
    InterruptMask mask() {
        return mask;
    }

    /**
     * Keeps the interrupt away from now on; called by the thread itself, which then looks for what is pending, and
     * {@linkplain #settle settles} that.
     *
     * @return whether it has been sent
     */
    @SuppressWarnings("ThreadPriorityCheck") // as in leave()
    boolean mask(InterruptMask by) {
        mask = by;
        if (phase.compareAndSet(Phase.OPEN, Phase.MASKED)) {
            return false;
        }
        while (!finished) {
            Thread.yield();
        }
        phase.set(Phase.SENT_BEFORE);
        return true;
    }

    /** Says that {@code interrupts} that were sent are no longer in the flag. */
    void settle(int interrupts) {
        counts.settled.addAndGet(interrupts);
    }

    /**
     * Undoes {@link #mask(InterruptMask)}.
     *
     * @param pending whether an interrupt is pending that none of ours sent
     * @return whether the thread is to interrupt itself, because that fell due meanwhile
     */
    boolean unmask(boolean pending) {
        mask = null;
        if (phase.compareAndSet(Phase.MASKED, Phase.OPEN)) {
            return false;
        }
        boolean due = phase.get() == Phase.DUE;
        foreign |= pending;
        counts.sent.incrementAndGet();
        phase.set(Phase.SENT);
        return due;
    }

    @SuppressWarnings("ThreadPriorityCheck") // where cores are scarce, the sender has to get one
    private boolean leave(Registration registration, @Nullable Throwable thrown) {
        // Not close(): waiting there would take another's interrupt out of the flag before the sender has looked at it.
        boolean taken = registration.stop();
        while (!taken && !finished) {
            Thread.yield();
        }
        INNERMOST.set(outer);
        return hasSent() && takeBack(thrown);
    }

    /**
     * Takes our interrupt back.
     *
     * @return whether what the operation threw says nothing but that our interrupt came
     */
    private boolean takeBack(@Nullable Throwable thrown) {
        boolean pending = Thread.interrupted();
        settle(1); // not before: what was pending was ours
        InterruptRegion other = outer == null ? null : outer.nearestThatHasSent();
        boolean direct = thrown instanceof InterruptedException;
        // An InterruptedException besides the flag: there were two, and the other one goes on as the exception.
        boolean two = foreign || (direct && pending && other == null && !again);
        boolean foreignPending = foreign && pending && !direct;
        // An outer region's may have become one with ours; that region takes it back when it is left.
        if (other != null) {
            other.foreign |= foreignPending;
            other.interruptAgain();
        } else if (foreignPending) {
            thread.interrupt();
        }
        return !two && isInterruption(thrown);
    }

    /** This region or the nearest outside of it whose interrupt was sent and neither masked nor taken back; null if none is. */
    @Nullable
    InterruptRegion nearestThatHasSent() {
        InterruptRegion region = this;
        while (region != null && !region.hasSent()) {
            region = region.outer;
        }
        return region;
    }

    /** Sets the flag for what this region has sent, which may have become one with that of a region inside. */
    void interruptAgain() {
        again = true;
        thread.interrupt();
    }

    private boolean hasSent() {
        return phase.get() == Phase.SENT;
    }

    private static boolean isInterruption(@Nullable Throwable thrown) {
        Throwable t = thrown;
        for (int depth = 0; t != null && depth < MAX_DEPTH; depth++) {
            if (t instanceof InterruptedException
                    || t instanceof ClosedByInterruptException
                    || t instanceof FileLockInterruptionException) {
                return true;
            }
            if (t instanceof ExecutionException || t instanceof ContextException) {
                return false; // what is below happened to another thread, or is why a context ended
            }
            t = t.getCause();
        }
        return false;
    }
}
