package io.github.context4j.spring.autoconfigure;

import java.time.Duration;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.core.env.Environment;

/**
 * How long the grace period lasts, and how long that phase of the shutdown may take in which the server waits for its
 * requests. The phase has to outlast the grace period, or the server would close the connections of requests before they are
 * canceled. By default both are 30 s; what the application sets decides, and the other gives way.
 *
 * @param gracePeriod zero if the server is to stop immediately and no grace period was set
 * @param phase how long the phase may take
 * @param immediate whether the server itself waits for nobody
 */
record ShutdownTimes(Duration gracePeriod, Duration phase, boolean immediate) {
    /** More than ten times what it takes to cancel queries and to answer. */
    private static final Duration MARGIN = Duration.ofSeconds(2);

    private static final String GRACE_PERIOD = "context.shutdown.grace-period";
    private static final String LIFECYCLE = "spring.lifecycle";

    static ShutdownTimes of(Duration gracePeriod, Environment environment) {
        Binder binder = Binder.get(environment);
        Duration phase =
                binder.bindOrCreate(LIFECYCLE, LifecycleProperties.class).getTimeoutPerShutdownPhase();
        boolean immediate =
                binder.bind("server.shutdown", Shutdown.class).orElse(Shutdown.GRACEFUL) == Shutdown.IMMEDIATE;
        if (!binder.bind(GRACE_PERIOD, Duration.class).isBound()) {
            if (immediate) {
                return new ShutdownTimes(Duration.ZERO, phase, true);
            }
            if (binder.bind(LIFECYCLE + ".timeout-per-shutdown-phase", Duration.class)
                    .isBound()) {
                return new ShutdownTimes(earlier(gracePeriod, within(phase)), phase, false);
            }
        }
        Duration needed = gracePeriod.plus(MARGIN);
        return new ShutdownTimes(gracePeriod, phase.compareTo(needed) < 0 ? needed : phase, immediate);
    }

    /** What of a phase can be a grace period. */
    private static Duration within(Duration phase) {
        return phase.minus(earlier(MARGIN, phase.dividedBy(10)));
    }

    private static Duration earlier(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
