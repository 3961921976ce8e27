package io.github.context4j.spring.propagation;

import io.github.context4j.Carrier;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;

/**
 * Takes along what Micrometer's context propagation knows of: the trace, the security context, and whatever else has an
 * accessor in its registry. Never a transaction, and not the current context, which for the tasks of a group is the group's.
 */
public final class SnapshotCarrier implements Carrier {
    private static final ContextSnapshotFactory SNAPSHOTS = ContextSnapshotFactory.builder()
            .captureKeyPredicate(key -> !CurrentContextAccessor.KEY.equals(key))
            .build();

    @Override
    public Load capture() {
        ContextSnapshot snapshot = SNAPSHOTS.captureAll();
        return () -> snapshot.setThreadLocals()::close;
    }
}
