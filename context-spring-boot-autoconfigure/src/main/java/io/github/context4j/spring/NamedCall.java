package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A call to a dependency by its name, until it is ended, on whichever thread. */
public final class NamedCall {
    private final DependencyCall call;
    private final Context context;
    private final boolean cancels;
    private final boolean interrupt;
    private final Context.Registration timed;
    private final AtomicBoolean ended = new AtomicBoolean();

    NamedCall(DependencyCalls calls, Dependency dependency) {
        call = calls.beginNamed(dependency);
        context = call.context().withValue(Dependency.EXPLICIT, call);
        cancels = calls.mode() == Mode.ENFORCE;
        interrupt = dependency.interrupt() && cancels;
        timed = call.onDone(() -> {}); // how long the call goes on then is told from here
    }

    /** The context of what belongs to the call. */
    public Context context() {
        return context;
    }

    /** Whether the end of the context is to cancel what belongs to the call; not where the library only observes. */
    public boolean cancels() {
        return cancels;
    }

    /** Runs a part of the call. If it fails, so has the call. */
    public <T extends @Nullable Object, X extends Throwable> T run(Context.Op<? extends T, ? extends X> op) throws X {
        requireNonNull(op, "op");
        try {
            return interrupt ? context.<T, X>call(() -> context.<T, X>interruptibly(op)) : context.<T, X>call(op);
        } catch (Throwable t) {
            end(t);
            throw t;
        }
    }

    /**
     * Ends the call. Only the first time counts.
     *
     * @param failure what it failed with, null if it succeeded
     */
    public void end(@Nullable Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            timed.stop();
            call.end(failure);
        }
    }
}
