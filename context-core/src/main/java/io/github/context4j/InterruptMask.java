package io.github.context4j;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.MustBeClosed;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of code on one thread that the interrupts of {@link Context#interruptibly} do not reach, however far outside of
 * it they were asked for: calls to drivers and clients that an interrupt would harm, and that end with their context by
 * other means. One that falls due meanwhile is sent when the mask is closed; one that is pending already is taken back, and
 * sent again then. Interrupts of others come through, and {@code interruptibly} inside the mask works as anywhere.
 *
 * <p>For integrations. Opened and closed on the same thread, in the reverse order of opening.
 */
public final class InterruptMask implements AutoCloseable {
    private static final InterruptMask NOTHING_TO_MASK = new InterruptMask(null);

    /** The innermost region of the thread; the mask is over those of it and its outer ones that say so. */
    private final @Nullable InterruptRegion innermost;

    private boolean takenBack;
    private boolean closed;

    private InterruptMask(@Nullable InterruptRegion innermost) {
        this.innermost = innermost;
    }

    /** Opens a mask over all interrupts; costs nothing where there is none to be expected. */
    @MustBeClosed
    public static InterruptMask open() {
        return over(null);
    }

    /** Opens a mask over the interrupts of {@code context} only: those that {@code context.interruptibly} asked for. */
    @MustBeClosed
    public static InterruptMask open(Context context) {
        return over(requireNonNull(context, "context"));
    }

    private static InterruptMask over(@Nullable Context only) {
        InterruptRegion innermost = InterruptRegion.innermost();
        InterruptRegion first = innermost;
        while (first != null && !isFor(first, only)) {
            first = first.outer();
        }
        if (innermost == null || first == null) {
            return NOTHING_TO_MASK;
        }
        InterruptMask mask = new InterruptMask(innermost);
        mask.cover(innermost, only);
        return mask;
    }

    private static boolean isFor(InterruptRegion region, @Nullable Context only) {
        return region.mask() == null && (only == null || region.context() == only);
    }

    private void cover(InterruptRegion innermost, @Nullable Context only) {
        int sent = 0;
        for (InterruptRegion region = innermost; region != null; region = region.outer()) {
            if (isFor(region, only) && region.mask(this)) {
                sent++;
            }
        }
        if (sent == 0) {
            return;
        }
        takenBack = Thread.interrupted();
        innermost.settle(sent); // not before: what was pending was theirs
        InterruptRegion other = innermost.nearestThatHasSent(); // which the mask is not over
        if (takenBack && other != null) {
            other.interruptAgain();
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (innermost == null || closed) {
            return;
        }
        closed = true;
        boolean pending = Thread.currentThread().isInterrupted() && innermost.nearestThatHasSent() == null;
        boolean due = takenBack;
        for (InterruptRegion region = innermost; region != null; region = region.outer()) {
            if (region.mask() == this) {
                due |= region.unmask(pending);
            }
        }
        if (due) {
            Thread.currentThread().interrupt();
        }
    }
}
