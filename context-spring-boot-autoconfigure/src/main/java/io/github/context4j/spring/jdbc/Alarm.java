package io.github.context4j.spring.jdbc;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;

/** An action at a later time, on the timer of the contexts: no thread of its own waits for it. */
final class Alarm {
    private final CancelableContext timer;
    private final Context.Registration registration;

    private Alarm(CancelableContext timer, Runnable action) {
        this.timer = timer;
        this.registration = timer.onDone(action, Runnable::run);
    }

    /** Runs {@code action}, which does not block, {@code delay} from now. */
    @SuppressWarnings("MustBeClosedChecker") // it ends by itself, or by cancel()
    static Alarm in(Duration delay, Runnable action) {
        return new Alarm(Context.background().withTimeout(delay), action);
    }

    /** Takes the action back if it has not started; does not wait if it has. */
    void cancel() {
        registration.stop();
        timer.close();
    }
}
