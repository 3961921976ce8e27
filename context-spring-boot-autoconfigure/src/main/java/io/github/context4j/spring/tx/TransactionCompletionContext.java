package io.github.context4j.spring.tx;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs what is registered for after a transaction (outbox writes, events) under a context that the caller does not cancel: the
 * transaction is decided by then, and its callbacks belong to it. They have the caller's values; where the caller's context has
 * ended already, they have five seconds.
 */
public final class TransactionCompletionContext implements TransactionExecutionListener {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
        if (failure == null
                && transaction.isNewTransaction()
                && CurrentContext.get() != null
                && TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new First());
        }
    }

    /** Changes the current context before the first callback. Confined to one thread. */
    private static final class First implements TransactionSynchronization {
        private @Nullable Context previous;
        private @Nullable CancelableContext context;

        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }

        @Override
        public void beforeCompletion() {
            // Not earlier: callbacks of the same order run in the order of registration, and this one is to be the
            // last.
            TransactionSynchronizationManager.registerSynchronization(new Last(this));
        }

        @Override
        public void afterCommit() {
            enter();
        }

        @Override
        public void afterCompletion(int status) {
            enter();
        }

        @SuppressWarnings("MustBeClosedChecker") // leave() closes it
        private void enter() {
            Context caller = CurrentContext.get();
            if (context == null && caller != null) {
                Context detached = caller.withoutCancel();
                context = caller.isDone() ? detached.withTimeout(TIMEOUT) : detached.withCancel();
                previous = CurrentContext.exchange(context);
            }
        }

        private void leave() {
            if (context != null) {
                CurrentContext.exchange(previous);
                context.close();
                context = null;
            }
        }
    }

    /** Changes the current context back after the last callback. */
    private record Last(First first) implements TransactionSynchronization {
        @Override
        public int getOrder() {
            return Ordered.LOWEST_PRECEDENCE;
        }

        @Override
        public void afterCompletion(int status) {
            first.leave();
        }
    }
}
