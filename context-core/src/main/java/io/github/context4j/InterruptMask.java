package io.github.context4j;

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

    /** The innermost of the regions that this mask is over; those that it is in up to one with a mask of its own follow. */
    private final @Nullable InterruptRegion innermost;

    /** The innermost region that was masked before, null if none was. */
    private @Nullable InterruptRegion masked;

    private boolean takenBack;
    private boolean closed;

    private InterruptMask(@Nullable InterruptRegion innermost) {
        this.innermost = innermost;
    }

    /** Opens a mask; costs nothing where there is no interrupt to be expected. */
    @MustBeClosed
    public static InterruptMask open() {
        InterruptRegion innermost = InterruptRegion.innermost();
        if (innermost == null || innermost.isMasked()) {
            return NOTHING_TO_MASK;
        }
        InterruptMask mask = new InterruptMask(innermost);
        mask.cover();
        return mask;
    }

    private void cover() {
        boolean sent = false;
        InterruptRegion region = innermost;
        while (region != null && !region.isMasked()) {
            sent |= region.mask();
            region = region.outer();
        }
        masked = region;
        takenBack = sent && Thread.interrupted();
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (innermost == null || closed) {
            return;
        }
        closed = true;
        boolean pending = Thread.currentThread().isInterrupted();
        boolean due = takenBack;
        for (InterruptRegion region = innermost; region != null && region != masked; region = region.outer()) {
            due |= region.unmask(pending);
        }
        if (due) {
            Thread.currentThread().interrupt();
        }
    }
}
