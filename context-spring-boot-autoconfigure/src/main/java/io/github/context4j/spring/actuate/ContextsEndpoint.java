package io.github.context4j.spring.actuate;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.ContextTree;
import io.github.context4j.Deadline;
import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Zombies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Shows the requests in progress and what each waits on. It leaves out the request that asks, and shows neither values nor SQL.
 *
 * <p>It also cancels a request, but only where {@code management.endpoint.contexts.access} is {@code unrestricted}, which
 * it is not by default. Each cancellation is logged and audited.
 */
@Endpoint(id = "contexts", defaultAccess = Access.READ_ONLY)
public final class ContextsEndpoint {
    /** How many requests are shown unless the {@code limit} says otherwise. */
    static final int LIMIT = 100;

    /** How far below a request derived contexts are shown: what writes JSON goes no deeper than a few hundred levels. */
    static final int DEPTH = 100;

    private static final Log logger = LogFactory.getLog(ContextsEndpoint.class);

    private final LiveContexts live;
    private final DependencyCalls calls;
    private final Zombies zombies;
    private final ApplicationEventPublisher events;

    public ContextsEndpoint(
            LiveContexts live, DependencyCalls calls, Zombies zombies, ApplicationEventPublisher events) {
        this.live = requireNonNull(live, "live");
        this.calls = requireNonNull(calls, "calls");
        this.zombies = requireNonNull(zombies, "zombies");
        this.events = requireNonNull(events, "events");
    }

    /**
     * The requests in progress, and the calls that are no request's, that satisfy all the conditions which are given; the
     * oldest first.
     *
     * @param name a part of the name of a request, such as {@code /reports}, in any case
     * @param state the state of the context
     * @param dependency what is waited on
     * @param zombie whether it goes on although its context ended some time ago
     * @param limit how many of each are shown, and how many calls and derived contexts of each request, 100 if not given
     */
    @ReadOperation
    public Contexts contexts(
            @Nullable String name,
            Context.@Nullable State state,
            @Nullable String dependency,
            @Nullable Boolean zombie,
            @Nullable Integer limit) {
        long now = System.nanoTime();
        int most = limit == null ? LIMIT : Math.min(Math.max(0, limit), Integer.MAX_VALUE - 1);
        Map<LiveContext, List<DependencyCall>> waits = new HashMap<>();
        List<DependencyCall> others = new ArrayList<>();
        for (DependencyCall call : calls.inFlight()) {
            LiveContext of = live.of(call.caller());
            if (of == null) {
                others.add(call);
            } else {
                waits.computeIfAbsent(of, c -> new ArrayList<>()).add(call);
            }
        }
        LiveContext own = Context.current().get(LiveContext.KEY);
        Predicate<LiveContext> wanted = context -> context != own
                && (name == null || containsIgnoreCase(context.name(), name))
                && (state == null || context.context().state() == state)
                && (zombie == null || zombie == isZombie(context.overdue()))
                && (dependency == null
                        || waits.getOrDefault(context, List.of()).stream()
                                .anyMatch(call -> call.dependency().name().equals(dependency)));
        List<LiveContext> found = live.all().stream()
                .filter(wanted)
                .sorted(Comparator.comparingLong(LiveContext::id))
                .toList();
        others.removeIf(call -> name != null
                || (state != null && call.context().state() != state)
                || (zombie != null && zombie != isZombie(call.overdue()))
                || (dependency != null && !call.dependency().name().equals(dependency)));
        return new Contexts(
                found.size(),
                found.stream()
                        .limit(most)
                        .map(context -> row(context, waits.getOrDefault(context, List.of()), most, now))
                        .toList(),
                others.size(),
                oldest(others, most, now));
    }

    private List<Call> oldest(List<DependencyCall> calls, int most, long now) {
        return calls.stream()
                .sorted(Comparator.comparingLong(call -> call.startNanos() - now))
                .limit(most)
                .map(call -> call(call, now))
                .toList();
    }

    private static boolean containsIgnoreCase(String text, String part) {
        return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    private boolean isZombie(Duration overdue) {
        return overdue.compareTo(zombies.after()) >= 0;
    }

    /**
     * Cancels a request.
     *
     * @param id as shown by the endpoint
     * @param security who does
     * @return null if there is no such request (any more), by HTTP 204
     */
    @DeleteOperation
    public @Nullable Cancellation cancel(@Selector long id, SecurityContext security) {
        LiveContext found = live.all().stream()
                .filter(context -> context.id() == id)
                .findAny()
                .orElse(null);
        if (found == null) {
            return null;
        }
        boolean canceled = found.cancel(new CanceledByOperatorException());
        String who = security.getPrincipal() == null
                ? "unknown"
                : security.getPrincipal().getName();
        String name = found.name();
        logger.info(name + ", id " + id + (canceled ? ": canceled by " : ": was not to be canceled by ") + who);
        events.publishEvent(new AuditApplicationEvent(
                who, "CONTEXT_CANCELED", Map.of("id", id, "name", name, "canceled", canceled)));
        return new Cancellation(id, name, canceled);
    }

    private Row row(LiveContext request, List<DependencyCall> waitsOn, int most, long now) {
        Context context = request.context();
        Thread thread = request.thread();
        Duration overdue = request.overdue();
        Tree below = derived(context, waitsOn, most, now);
        return new Row(
                request.id(),
                request.name(),
                context.state(),
                cause(context),
                TimeUnit.NANOSECONDS.toMillis(now - request.startNanos()),
                millisLeft(context),
                millis(overdue),
                isZombie(overdue),
                thread == null ? null : name(thread),
                waitsOn.size(),
                oldest(waitsOn, most, now),
                below.derived,
                below.more);
    }

    private record Tree(List<Derived> derived, boolean more) {}

    private record Parent(Context context, List<Derived> derived) {}

    /** What was derived from {@code context}, level by level until there are {@code most} or it is deep enough. */
    private Tree derived(Context context, List<DependencyCall> calls, int most, long now) {
        Map<Context, DependencyCall> derivedFor = new HashMap<>();
        for (DependencyCall call : calls) {
            if (call.context() != call.caller()) {
                derivedFor.put(call.context(), call);
            }
        }
        List<Derived> top = new ArrayList<>();
        List<Parent> level = List.of(new Parent(context, top));
        int left = most;
        boolean more = false;
        for (int depth = 0; !level.isEmpty(); depth++) {
            List<Parent> next = new ArrayList<>();
            for (Parent parent : level) {
                int room = depth < DEPTH ? left : 0;
                List<Context> children = ContextTree.derivedFrom(parent.context, room + 1);
                more |= children.size() > room;
                for (Context child : children.subList(0, Math.min(room, children.size()))) {
                    DependencyCall call = derivedFor.get(child);
                    List<Derived> below = new ArrayList<>();
                    parent.derived.add(new Derived(millisLeft(child), call == null ? null : call(call, now), below));
                    next.add(new Parent(child, below));
                    left--;
                }
            }
            level = next;
        }
        return new Tree(top, more);
    }

    private Call call(DependencyCall call, long now) {
        Duration overdue = call.overdue();
        return new Call(
                call.dependency().name(),
                call.operation(),
                name(call.thread()),
                call.context().state(),
                cause(call.context()),
                TimeUnit.NANOSECONDS.toMillis(now - call.startNanos()),
                millisLeft(call.context()),
                millis(overdue),
                isZombie(overdue));
    }

    /**
     * The answer of the endpoint.
     *
     * @param total how many requests satisfy the conditions, shown or not
     * @param contexts the requests in progress
     * @param totalCalls how many calls satisfy the conditions that are no request's, shown or not
     * @param calls the calls in flight that are no request's, or whose request is over; the oldest first
     */
    public record Contexts(int total, List<Row> contexts, int totalCalls, List<Call> calls) {}

    /**
     * What became of an attempt to cancel a request.
     *
     * @param canceled whether this was what ended its context: not if it had ended, or if contexts are only observed
     */
    public record Cancellation(long id, String name, boolean canceled) {}

    /**
     * A request in progress.
     *
     * @param id unique in the process
     * @param name its method and the pattern of its path
     * @param state what has become of its context
     * @param cause why its context ended, null while it is active
     * @param ageMillis how long ago it arrived
     * @param remainingMillis how long it is until its deadline, rounded up; null if it has none
     * @param overdueMillis how long it has gone on since its context ended, null if it has not, or waits for the application
     * @param zombie whether that is so long ago that it counts as a zombie
     * @param thread the thread that is in it now, null if none is or is known to be
     * @param totalWaitsOn how many calls are made for it now, shown or not
     * @param waitsOn these calls, the oldest first
     * @param derived the contexts that were derived from its context and have not ended
     * @param moreDerived whether there are more of those than are shown, which are the ones nearest to the request
     */
    public record Row(
            long id,
            String name,
            Context.State state,
            @Nullable String cause,
            long ageMillis,
            @Nullable Long remainingMillis,
            @Nullable Long overdueMillis,
            boolean zombie,
            @Nullable String thread,
            int totalWaitsOn,
            List<Call> waitsOn,
            List<Derived> derived,
            boolean moreDerived) {}

    /**
     * A context that was derived for a request, such as a task group's or a call's, and has not ended.
     *
     * @param remainingMillis how long it is until its deadline, rounded up; null if it has none
     * @param call the call that it was derived for, null if it was for none
     * @param derived the contexts that were derived from it and have not ended
     */
    public record Derived(
            @Nullable Long remainingMillis, @Nullable Call call, List<Derived> derived) {}

    /**
     * A call in flight.
     *
     * @param dependency what is called
     * @param operation what is done there
     * @param thread the thread that made the call
     * @param state what has become of its context
     * @param cause why its context ended, null while it is active
     * @param ageMillis how long ago it began
     * @param remainingMillis how long it is until its deadline, rounded up; null if it has none
     * @param overdueMillis how long ago its context ended, null if it has not
     * @param zombie whether that is so long ago that it counts as a zombie
     */
    public record Call(
            String dependency,
            String operation,
            String thread,
            Context.State state,
            @Nullable String cause,
            long ageMillis,
            @Nullable Long remainingMillis,
            @Nullable Long overdueMillis,
            boolean zombie) {}

    /** The name, and the id unless the name has a number: virtual threads often have the same name, or none. */
    @SuppressWarnings("deprecation") // its successor is not there on Java 17
    private static String name(Thread thread) {
        String name = thread.getName();
        return !name.isEmpty() && Character.isDigit(name.charAt(name.length() - 1))
                ? name
                : name + "#" + thread.getId();
    }

    private static @Nullable String cause(Context context) {
        Throwable cause = context.cause();
        return cause == null ? null : ContextEndedReason.tagOf(cause);
    }

    private static @Nullable Long millis(Duration overdue) {
        return overdue.isZero() ? null : overdue.toMillis();
    }

    private static @Nullable Long millisLeft(Context context) {
        Deadline deadline = context.deadline();
        return deadline == null ? null : deadline.remaining(TimeUnit.MILLISECONDS);
    }
}
