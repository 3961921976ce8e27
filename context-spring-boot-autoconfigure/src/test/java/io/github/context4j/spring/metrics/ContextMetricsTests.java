package io.github.context4j.spring.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.ContextObservers;
import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.RequestTimeoutException;
import io.github.context4j.spring.Zombies;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ContextMetricsTests {
    private static final Duration AFTER = Duration.ofMillis(1);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LiveContexts live = new LiveContexts();
    private final List<ContextObserver> observers = new ArrayList<>();
    private final Dependency db = new Dependency("db", Duration.ofMillis(20));

    private DependencyCalls calls(Mode mode) {
        DependencyCalls calls = new DependencyCalls(mode, new ContextObservers(() -> observers));
        observers.add(new ContextMetrics(registry, live, zombies(calls), List.of(db)));
        return calls;
    }

    private Zombies zombies(DependencyCalls calls) {
        return new Zombies(live, calls, AFTER);
    }

    @Test
    void countsRequestsByOutcomeAndCause() {
        ContextMetrics metrics = new ContextMetrics(registry, live, zombies(calls(Mode.ENFORCE)), List.of());
        metrics.requestEnded(Outcome.COMPLETED, null, Duration.ofMillis(3));
        metrics.requestEnded(
                Outcome.CANCELED,
                new ClientDisconnectedException(ClientDisconnectedException.Kind.RESET),
                Duration.ofMillis(3));
        metrics.requestEnded(
                Outcome.DEADLINE_EXCEEDED, new RequestTimeoutException(Duration.ofSeconds(1)), Duration.ofMillis(3));
        metrics.requestEnded(Outcome.CANCELED, new IllegalStateException(), Duration.ofMillis(3));

        assertThat(count("completed", "none")).isEqualTo(1);
        assertThat(count("canceled", "client_disconnected")).isEqualTo(1);
        assertThat(count("deadline_exceeded", "request_timeout")).isEqualTo(1);
        assertThat(count("canceled", "other")).isEqualTo(1);
    }

    private long count(String outcome, String cause) {
        return registry.get("context.requests")
                .tags("outcome", outcome, "cause", cause)
                .timer()
                .count();
    }

    @Test
    void countsCallsByHowTheyEnded() throws InterruptedException {
        DependencyCalls calls = calls(Mode.ENFORCE);
        Dependency patient = new Dependency("db", Duration.ofMinutes(1));
        calls.begin(patient, "query").end(null);
        calls.begin(patient, "query").end(new IllegalStateException());
        try (CancelableContext canceled = Context.background().withCancel()) {
            canceled.cancel();
            canceled.run(() -> calls.begin(patient, "query").end(canceled.exception()));
        }
        DependencyCall late = calls.begin(db, "query");
        CountDownLatch told = new CountDownLatch(1);
        late.onDone(told::countDown);
        told.await();
        late.end(late.context().exception());

        assertThat(calls("completed")).isEqualTo(1);
        assertThat(calls("failed")).isEqualTo(1);
        assertThat(calls("canceled")).isEqualTo(1);
        assertThat(calls("deadline_exceeded")).isEqualTo(1);
        assertThat(registry.get("context.cancellation.latency")
                        .tag("dependency", "db")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(calls.inFlight()).isEmpty();
    }

    private long calls(String outcome) {
        return registry.get("context.dependency.calls")
                .tags("dependency", "db", "outcome", outcome)
                .timer()
                .count();
    }

    @Test
    void observingCountsWhatWouldHaveEndedAndEndsNothing() {
        DependencyCalls calls = calls(Mode.OBSERVE);
        DependencyCall call = calls.begin(db, "query");
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < Duration.ofMillis(25).toNanos()) {
            assertThat(call.context().isDone()).isFalse();
        }
        call.end(null);

        assertThat(calls("deadline_exceeded")).isEqualTo(1);
    }

    @Test
    void gaugesShowWhatIsInProgress() {
        calls(Mode.ENFORCE);
        LiveContext entry = new LiveContext("GET /", Context.background(), reason -> false);
        live.add(entry);
        assertThat(registry.get("context.active").gauge().value()).isEqualTo(1);

        live.remove(entry);
        assertThat(registry.get("context.active").gauge().value()).isZero();
        assertThat(registry.get("context.zombies")
                        .tag("dependency", "db")
                        .gauge()
                        .value())
                .isZero();
    }

    @Test
    void aGaugeShowsTheZombiesOfADependencyWithoutAnEntry() {
        DependencyCalls calls = calls(Mode.ENFORCE);
        try (CancelableContext context = Context.background().withCancel()) {
            DependencyCall call = context.call(() -> calls.begin(new Dependency("http", null), "GET"));
            call.onDone(() -> {});
            context.cancel();
            Gauge zombies =
                    registry.get("context.zombies").tag("dependency", "http").gauge();
            await().until(() -> zombies.value() == 1);
            call.end(null);
            assertThat(zombies.value()).isZero();
        }
    }

    @Test
    void countsDisconnectsAndCancels() {
        calls(Mode.ENFORCE);
        ContextObservers all = new ContextObservers(() -> observers);
        all.clientDisconnected(ClientDisconnectedException.Kind.CLOSED);
        all.queryCanceled(db, CancelResult.SENT);

        assertThat(registry.get("context.disconnects")
                        .tag("kind", "closed")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("context.jdbc.cancels")
                        .tag("result", "sent")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    /** A rate would miss the first event of a counter that begins with it. */
    @Test
    void whatCanBeCountedIsThereFromTheStart() {
        calls(Mode.ENFORCE);

        assertThat(counters("context.disconnects", "kind"))
                .containsOnly(entry("closed", 0.0), entry("reset", 0.0), entry("write_failed", 0.0));
        assertThat(counters("context.jdbc.cancels", "result"))
                .containsOnly(entry("sent", 0.0), entry("unknown", 0.0), entry("aborted", 0.0));
    }

    private Map<@Nullable String, Double> counters(String name, String tag) {
        return registry.get(name).counters().stream()
                .collect(Collectors.toMap(counter -> counter.getId().getTag(tag), Counter::count));
    }

    @Test
    void eachSaysWhatItIs() {
        DependencyCalls calls = calls(Mode.ENFORCE);
        ContextObservers all = new ContextObservers(() -> observers);
        all.requestEnded(Outcome.COMPLETED, null, Duration.ofMillis(3));
        all.cancellationTook(null, Duration.ofMillis(3));
        all.deadlineHeaderIgnored(DeadlineHeader.parse("grpc-timeout"));
        calls.begin(db, "query").end(null);

        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription())
                        .as(meter.getId().getName())
                        .isNotBlank())
                .extracting(meter -> meter.getId().getName())
                .contains("context.deadline.headers.ignored", "context.requests");
    }

    @Test
    void anObserverThatFailsHarmsNobody() {
        observers.add(new ContextObserver() {
            @Override
            public void clientDisconnected(ClientDisconnectedException.Kind kind) {
                throw new IllegalStateException("mine");
            }
        });
        calls(Mode.ENFORCE);

        new ContextObservers(() -> observers).clientDisconnected(ClientDisconnectedException.Kind.CLOSED);

        assertThat(registry.get("context.disconnects")
                        .tag("kind", "closed")
                        .counter()
                        .count())
                .isEqualTo(1);
    }
}
