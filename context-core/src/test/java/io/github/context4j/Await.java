package io.github.context4j;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what is to come within microseconds, and fails where it does not come at all. */
final class Await {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(20);

    private Await() {}

    static void state(Thread thread, Thread.State state) {
        until(() -> thread.getState() == state);
    }

    @SuppressWarnings("ThreadPriorityCheck") // where cores are scarce, the other has to get one
    static void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        for (int spins = 1; !condition.getAsBoolean(); spins++) {
            if (spins % 1_000 != 0) {
                Thread.onSpinWait();
                continue;
            }
            if (System.nanoTime() - start > LIMIT) {
                throw new AssertionError("waited in vain");
            }
            Thread.yield();
        }
    }
}
