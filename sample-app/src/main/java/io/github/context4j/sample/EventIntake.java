package io.github.context4j.sample;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/** Saves, publishes and audits an event, all three at once. */
@Service
final class EventIntake {
    private static final Duration ALL = Duration.ofSeconds(30);
    private static final Duration AUDIT = Duration.ofSeconds(5);

    private final EventStore store;
    private final Executor executor;

    EventIntake(EventStore store, @Qualifier("applicationTaskExecutor") Executor executor) {
        this.store = store;
        this.executor = executor;
    }

    /**
     * Takes the event in within 30 s, or fails. The first failure ends saving and publishing, as the client's leaving
     * does; the audit says what was attempted, and goes on.
     */
    Receipt accept(Context ctx, Event event) {
        try (CancelableContext work = ctx.withTimeout(ALL)) {
            CompletableFuture<Void> saved = fork(work, () -> store.save(event));
            CompletableFuture<Void> published = fork(work, () -> store.publish(event));
            CompletableFuture<Void> audited = fork(work, () -> audit(event));
            CompletableFuture.allOf(saved, published).join();
            audited.join();
        }
        return new Receipt(event.id());
    }

    /** Values such as trace ids stay; the client's leaving and the deadline of the others do not count here. */
    private void audit(Event event) {
        Context.current().withoutCancel().runWithin(AUDIT, () -> store.audit(event));
    }

    private CompletableFuture<Void> fork(CancelableContext work, Runnable task) {
        Runnable cancelingOnFailure = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                work.cancel(e);
                throw e;
            }
        };
        return CompletableFuture.runAsync(work.wrap(cancelingOnFailure), executor);
    }

    /** The answer to an event that was taken in. */
    record Receipt(UUID id) {}
}
