package io.github.context4j.spring.metrics;

import static java.util.Objects.requireNonNull;

import io.github.context4j.UnclosedContexts;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.Zombies;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Records the {@code context.*} metrics. All tag values come from small fixed sets, or are names of dependencies.
 *
 * <ul>
 *   <li>{@code context.requests}, a timer by {@code outcome} and {@code cause}: requests that ended.
 *   <li>{@code context.dependency.calls}, a timer by {@code dependency} and {@code outcome}: calls that ended.
 *   <li>{@code context.cancellation.latency}, a timer by {@code dependency}: from the end of a context to the end of the work
 *       under it; {@code request} for requests themselves.
 *   <li>{@code context.zombies}, a gauge by {@code dependency}: calls that go on although their context ended some time ago;
 *       {@code request} for requests themselves.
 *   <li>{@code context.active}, a gauge: requests in progress.
 *   <li>{@code context.jdbc.cancels}, a counter by {@code result}: attempts to cancel a query.
 *   <li>{@code context.deadline.headers.ignored}, a counter by {@code header}: values of deadline headers that say no time.
 *   <li>{@code context.unclosed}, a counter: contexts of this process that were open when their parent was closed.
 *   <li>{@code context.disconnects}, a counter by {@code kind}: clients that left before they had their response.
 * </ul>
 */
public final class ContextMetrics implements ContextObserver {
    private static final String REQUEST = "request";

    private final MeterRegistry registry;
    private final Zombies zombies;
    /** The dependencies that have a gauge of zombies. */
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    /** The timers of what happens all the time: looking one up in the registry costs more than recording. */
    private final Map<RequestKey, Timer> requests = new ConcurrentHashMap<>();

    private final Map<CallKey, Timer> calls = new ConcurrentHashMap<>();

    /** There from the start, so that a rate sees the first event. */
    private final Map<ClientDisconnectedException.Kind, Counter> disconnects =
            new EnumMap<>(ClientDisconnectedException.Kind.class);

    private final Map<CancelResult, Counter> cancels = new EnumMap<>(CancelResult.class);

    private record RequestKey(Outcome outcome, String cause) {}

    private record CallKey(String dependency, Outcome outcome) {}

    public ContextMetrics(
            MeterRegistry registry, LiveContexts live, Zombies zombies, Iterable<Dependency> dependencies) {
        this.registry = requireNonNull(registry, "registry");
        Gauge.builder("context.active", live, l -> l.all().size())
                .description("Requests in progress")
                .register(registry);
        FunctionCounter.builder("context.unclosed", registry, r -> UnclosedContexts.count())
                .description("Contexts that were open when their parent was closed")
                .register(registry);
        this.zombies = requireNonNull(zombies, "zombies");
        zombies(REQUEST, z -> z.requests().count());
        dependencies.forEach(this::zombies);
        for (ClientDisconnectedException.Kind kind : ClientDisconnectedException.Kind.values()) {
            String text = "Clients that left before they had their response";
            disconnects.put(kind, counter("context.disconnects", text, "kind", kind.tag()));
        }
        for (CancelResult result : CancelResult.values()) {
            cancels.put(result, counter("context.jdbc.cancels", "Attempts to cancel a query", "result", result.tag()));
        }
    }

    private Counter counter(String name, String description, String key, String value) {
        return Counter.builder(name).description(description).tag(key, value).register(registry);
    }

    private void zombies(Dependency dependency) {
        if (watched.add(dependency.name())) {
            zombies(dependency.name(), z -> zombies(z, dependency.name()));
        }
    }

    private void zombies(String tag, ToDoubleFunction<Zombies> count) {
        Gauge.builder("context.zombies", zombies, count)
                .description("Calls and requests that go on although their context ended some time ago")
                .tag("dependency", tag)
                .register(registry);
    }

    private static long zombies(Zombies zombies, String dependency) {
        return zombies.calls()
                .filter(call -> call.dependency().name().equals(dependency))
                .count();
    }

    @Override
    public void requestEnded(Outcome outcome, @Nullable Throwable cause, Duration duration) {
        RequestKey key = new RequestKey(outcome, ContextEndedReason.tagOf(cause));
        Timer known = requests.get(key); // takes no lock, unlike computeIfAbsent
        (known != null ? known : requests.computeIfAbsent(key, this::requests)).record(duration);
    }

    private Timer requests(RequestKey key) {
        return Timer.builder("context.requests")
                .description("Requests that ended")
                .tags("outcome", key.outcome.tag(), "cause", key.cause)
                .register(registry);
    }

    @Override
    public void callDone(DependencyCall call) {
        zombies(call.dependency()); // which need not have an entry in the configuration
    }

    @Override
    public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
        CallKey key = new CallKey(call.dependency().name(), outcome);
        Timer known = calls.get(key);
        (known != null ? known : calls.computeIfAbsent(key, this::calls)).record(duration);
    }

    private Timer calls(CallKey key) {
        return Timer.builder("context.dependency.calls")
                .description("Calls to dependencies that ended")
                .tags("dependency", key.dependency, "outcome", key.outcome.tag())
                .register(registry);
    }

    @Override
    public void cancellationTook(@Nullable Dependency dependency, Duration latency) {
        Timer.builder("context.cancellation.latency")
                .description("From the end of a context to the end of the work under it")
                .tag("dependency", dependency == null ? REQUEST : dependency.name())
                .register(registry)
                .record(latency);
    }

    @Override
    public void clientDisconnected(ClientDisconnectedException.Kind kind) {
        requireNonNull(disconnects.get(kind)).increment();
    }

    @Override
    public void deadlineHeaderIgnored(DeadlineHeader header) {
        String text = "Values of deadline headers that say no time";
        counter("context.deadline.headers.ignored", text, "header", header.name())
                .increment();
    }

    @Override
    public void queryCanceled(Dependency dependency, CancelResult result) {
        requireNonNull(cancels.get(result)).increment();
    }
}
