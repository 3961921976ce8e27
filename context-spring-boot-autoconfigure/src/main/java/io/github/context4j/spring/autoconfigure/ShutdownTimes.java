package io.github.context4j.spring.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * How long the grace period lasts, and how long that phase of the shutdown may take in which the server waits for its
 * requests. The phase has to outlast the grace period, or the server would close the connections of requests before they are
 * canceled. By default both are 30 s, and so is what a server of Spring gRPC's waits; what the application sets decides, and the
 * other gives way.
 *
 * @param gracePeriod zero if the server is to stop immediately and no grace period was set
 * @param phase how long the phase may take
 * @param immediate whether the server itself waits for nobody
 */
record ShutdownTimes(Duration gracePeriod, Duration phase, boolean immediate) {
    /** More than ten times what it takes to cancel queries and to answer. */
    private static final Duration MARGIN = Duration.ofSeconds(2);

    private static final Duration FOREVER = Duration.ofDays(365);

    /** Spring gRPC's server waits for its calls in a phase of its own, by default for 30 s, too. */
    private static final boolean GRPC_SERVER = ClassUtils.isPresent(
            "org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties",
            ShutdownTimes.class.getClassLoader());

    private static final String GRACE_PERIOD = "context.shutdown.grace-period";
    private static final String PHASE = "spring.lifecycle.timeout-per-shutdown-phase";

    static ShutdownTimes of(Duration gracePeriod, Environment environment) {
        return of(gracePeriod, environment, GRPC_SERVER);
    }

    static ShutdownTimes of(Duration gracePeriod, Environment environment, boolean grpcServer) {
        Binder binder = Binder.get(environment);
        BindResult<Duration> asked = binder.bind(PHASE, Duration.class);
        Duration phase = asked.orElseGet(() -> new LifecycleProperties().getTimeoutPerShutdownPhase());
        boolean immediate =
                binder.bind("server.shutdown", Shutdown.class).orElse(Shutdown.GRACEFUL) == Shutdown.IMMEDIATE;
        if (!binder.bind(GRACE_PERIOD, Duration.class).isBound()) {
            if (immediate) {
                return new ShutdownTimes(Duration.ZERO, phase, true);
            }
            if (asked.isBound()) {
                return new ShutdownTimes(earlier(gracePeriod, within(phase)), phase, false);
            }
            if (grpcServer) {
                return lasting(earlier(gracePeriod, within(grpcGracePeriod(binder))), phase, false);
            }
        }
        return lasting(gracePeriod, phase, immediate);
    }

    private static ShutdownTimes lasting(Duration gracePeriod, Duration phase, boolean immediate) {
        Duration needed = gracePeriod.plus(MARGIN);
        return new ShutdownTimes(gracePeriod, phase.compareTo(needed) < 0 ? needed : phase, immediate);
    }

    /** None is for ever, and zero waits for nobody: neither leaves anything to be adjusted. */
    private static Duration grpcGracePeriod(Binder binder) {
        String asked = binder.bind("spring.grpc.server.shutdown.grace-period", String.class)
                .orElse("30s");
        Duration waits = DurationStyle.detectAndParse(asked, ChronoUnit.SECONDS);
        return waits.isNegative() || waits.isZero() ? FOREVER : waits;
    }

    /** What of a phase can be a grace period. */
    private static Duration within(Duration phase) {
        return phase.minus(earlier(MARGIN, Duration.ofMillis(phase.toMillis() / 10)));
    }

    private static Duration earlier(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
