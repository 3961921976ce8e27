package io.github.context4j.spring.propagation;

import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What threads have besides the current context, as far as Micrometer's context propagation knows of it: the trace, the
 * security context, the request's id, the MDC if its accessor is registered. Never a transaction.
 */
public final class ThreadValues {
    private static final ContextSnapshotFactory SNAPSHOTS = ContextSnapshotFactory.builder()
            .captureKeyPredicate(key -> !CurrentContextAccessor.KEY.equals(key))
            .build();

    private ThreadValues() {}

    /**
     * A task that runs {@code task} with what this thread has now. The context that is current where it runs stays so: for
     * {@code group.fork(carriedTo(() -> users.load(id)))}, whose context is the group's.
     */
    public static <T extends @Nullable Object> Callable<T> carriedTo(Callable<T> task) {
        return SNAPSHOTS.captureAll().wrap(task);
    }
}
