package io.github.context4j;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context.Op;
import io.github.context4j.Context.Registration;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The time that a thread spends in {@link Context#interruptibly}, in which the end of the context interrupts it.
 *
 * <p>The interrupt is sent by an {@code onDone} action that leaving stops: it is taken back, or else leaving waits until it
 * has been sent. So none arrives later, and whoever leaves knows whether one was sent. A thread has but one flag, so two
 * interrupts may have become one; the rules in {@link #takeBack} see to it that ours is the one that goes.
 */
final class InterruptRegion implements Runnable {
    private static final ThreadLocal<@Nullable InterruptRegion> INNERMOST = new ThreadLocal<>();

    /** Longer cause chains than this are taken for cycles. */
    private static final int MAX_DEPTH = 100;

    private final Thread thread = Thread.currentThread();
    private final @Nullable InterruptRegion outer = INNERMOST.get();

    /** How many regions, of those that this one is in or that are in it, have sent and not taken back. */
    private final AtomicInteger unsettled = outer == null ? new AtomicInteger() : outer.unsettled;

    /** Whether somebody else's interrupt was pending when ours was sent; written before {@link #sent}. */
    private boolean foreign;

    private volatile boolean sent;

    /** Whether the sending is over; the thread is not touched any more. */
    private volatile boolean finished;

    private InterruptRegion() {}

    static <T extends @Nullable Object, X extends Throwable> T call(
            BaseContext context, Op<? extends T, ? extends X> op) throws X {
        context.throwIfDone();
        InterruptRegion region = new InterruptRegion();
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

    /** Interrupts the thread; runs where the context ends. */
    @Override
    public void run() {
        try {
            foreign = thread.isInterrupted() && unsettled.get() == 0;
            unsettled.incrementAndGet();
            sent = true;
            thread.interrupt();
        } finally {
            finished = true;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // where cores are scarce, the sender has to get one
    private boolean leave(Registration registration, @Nullable Throwable thrown) {
        // Not close(): waiting there would take another's interrupt out of the flag before the sender has looked at it.
        boolean taken = registration.stop();
        while (!taken && !finished) {
            Thread.yield();
        }
        INNERMOST.set(outer);
        return sent && takeBack(thrown);
    }

    /**
     * Takes our interrupt back.
     *
     * @return whether what the operation threw says nothing but that our interrupt came
     */
    private boolean takeBack(@Nullable Throwable thrown) {
        boolean pending = Thread.interrupted();
        unsettled.decrementAndGet(); // not before: what was pending was ours
        InterruptRegion other = outerThatHasSent();
        boolean direct = thrown instanceof InterruptedException;
        // An InterruptedException besides the flag: there were two, and the other one goes on as the exception.
        boolean two = foreign || (direct && pending && other == null);
        boolean foreignPending = foreign && pending && !direct;
        // An outer region's may have become one with ours; that region takes it back when it is left.
        if (other != null || foreignPending) {
            if (other != null) {
                other.foreign |= foreignPending;
            }
            thread.interrupt();
        }
        return !two && isInterruption(thrown);
    }

    private @Nullable InterruptRegion outerThatHasSent() {
        InterruptRegion region = outer;
        while (region != null && !region.sent) {
            region = region.outer;
        }
        return region;
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
