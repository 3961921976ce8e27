package io.github.context4j.spring.retry;

import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.Deadline;
import java.time.Duration;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Waits itself, as the context wants it, and tells the template to wait no more: what that does is a plain sleep, and there
 * is no other place to end it than this.
 */
final class ContextBackOff implements BackOffExecution {
    private static final long WAITED = 0;

    private final BackOffExecution backOff;
    private final long timeoutMillis;
    private final long startNanos = System.nanoTime();

    /** @param timeout after which the template gives up, zero if never */
    ContextBackOff(BackOffExecution backOff, Duration timeout) {
        this.backOff = backOff;
        this.timeoutMillis = timeout.toMillis();
    }

    /** @throws io.github.context4j.ContextException if the context ends meanwhile */
    @Override
    public long nextBackOff() {
        long millis = backOff.nextBackOff();
        if (millis <= 0 || exceedsTimeout(millis)) {
            return millis; // STOP, nothing to wait for, or the template is about to say that it is too long
        }
        Context context = CurrentContext.get();
        if (context == null) {
            return millis;
        }
        Deadline deadline = context.deadline();
        if (deadline != null && deadline.remaining().toMillis() <= millis) {
            return STOP;
        }
        try {
            context.sleep(Duration.ofMillis(millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the template's own sleep is to see it
        }
        return WAITED;
    }

    /** By all that is known here: the template counts from before the first attempt. */
    private boolean exceedsTimeout(long millis) {
        return timeoutMillis > 0 && (System.nanoTime() - startNanos) / 1_000_000 + millis >= timeoutMillis;
    }
}
