package io.github.context4j.spring.actuate;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.Deadline;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Shows the requests in progress and what each waits on. It leaves out the request that asks, and shows neither values nor SQL.
 */
@Endpoint(id = "contexts")
public final class ContextsEndpoint {
    private final LiveContexts live;
    private final DependencyCalls calls;

    public ContextsEndpoint(LiveContexts live, DependencyCalls calls) {
        this.live = requireNonNull(live, "live");
        this.calls = requireNonNull(calls, "calls");
    }

    /** The requests in progress, the oldest first. */
    @ReadOperation
    public Contexts contexts() {
        long now = System.nanoTime();
        LiveContext own = Context.current().get(LiveContext.KEY);
        Map<LiveContext, List<Call>> waits = new HashMap<>();
        for (DependencyCall call : calls.inFlight()) {
            LiveContext of = call.caller().get(LiveContext.KEY);
            if (of != null) {
                waits.computeIfAbsent(of, c -> new ArrayList<>()).add(Call.of(call, now));
            }
        }
        List<Row> rows = live.all().stream()
                .filter(context -> context != own)
                .sorted(Comparator.comparingLong(LiveContext::id))
                .map(context -> Row.of(context, waits.getOrDefault(context, List.of()), now))
                .toList();
        return new Contexts(rows);
    }

    /**
     * The answer of the endpoint.
     *
     * @param contexts the requests in progress
     */
    public record Contexts(List<Row> contexts) {}

    /**
     * A request in progress.
     *
     * @param id unique in the process
     * @param name its method and the pattern of its path
     * @param state what has become of its context
     * @param cause why its context ended, null while it is active
     * @param ageMillis how long ago it arrived
     * @param remainingMillis how long it is until its deadline, rounded up; null if it has none
     * @param waitsOn the calls that are made for it now
     */
    public record Row(
            long id,
            String name,
            Context.State state,
            @Nullable String cause,
            long ageMillis,
            @Nullable Long remainingMillis,
            List<Call> waitsOn) {

        static Row of(LiveContext live, List<Call> waitsOn, long now) {
            Context context = live.context();
            Throwable cause = context.cause();
            return new Row(
                    live.id(),
                    live.name(),
                    context.state(),
                    cause == null ? null : ContextEndedReason.tagOf(cause),
                    TimeUnit.NANOSECONDS.toMillis(now - live.startNanos()),
                    millisLeft(context),
                    waitsOn);
        }
    }

    /**
     * A call in flight.
     *
     * @param dependency what is called
     * @param operation what is done there
     * @param thread the name of the thread that made the call
     * @param state what has become of its context
     * @param ageMillis how long ago it began
     * @param remainingMillis how long it is until its deadline, rounded up; null if it has none
     */
    public record Call(
            String dependency,
            String operation,
            String thread,
            Context.State state,
            long ageMillis,
            @Nullable Long remainingMillis) {

        static Call of(DependencyCall call, long now) {
            return new Call(
                    call.dependency().name(),
                    call.operation(),
                    call.thread().getName(),
                    call.context().state(),
                    TimeUnit.NANOSECONDS.toMillis(now - call.startNanos()),
                    millisLeft(call.context()));
        }
    }

    private static @Nullable Long millisLeft(Context context) {
        Deadline deadline = context.deadline();
        return deadline == null ? null : deadline.remaining(TimeUnit.MILLISECONDS);
    }
}
