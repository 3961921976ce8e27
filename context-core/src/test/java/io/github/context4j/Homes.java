package io.github.context4j;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs something on a thread whose id, from which contexts take their home among stripes and wheels, is known. */
final class Homes {
    private Homes() {}

    /** A parent that is not at home where this thread is, so that this thread's children are those of another. */
    static CancelableContext elsewhere(Supplier<CancelableContext> derive) {
        AtomicReference<@Nullable CancelableContext> made = new AtomicReference<>();
        run(Thread.currentThread().getId() + 1, () -> made.set(derive.get()));
        CancelableContext parent = made.get();
        if (parent == null) {
            throw new AssertionError("nothing was derived");
        }
        return parent;
    }

    static void run(long id, Runnable task) {
        Thread thread = new Thread(task) {
            @Override
            public long getId() {
                return id;
            }
        };
        thread.start();
        join(thread);
    }

    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
