package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests and calls that go on although their context ended some time ago: the handler does not ask, or what it is in
 * cannot be stopped. They are found by looking, on the library's executor, that long after contexts have ended, and for as
 * long as there are any that have not been reported; when no context ends there is nothing to do. Thread-safe.
 */
public final class Zombies implements ContextObserver, AutoCloseable {
    private static final System.Logger logger = System.getLogger(Zombies.class.getName());

    /** A warning has at most so many stacks, and comes at most so often. */
    private static final int MAX_REPORTED = 3;

    /** Who waits longer wants none; and a time that is much longer has no room for the slack. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    private static final Duration MAX_SLACK = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final int MAX_FRAMES = 30;

    private final LiveContexts live;
    private final DependencyCalls calls;
    private final Duration after;
    /** What the first look waits for beyond that, and all others after it: a burst is to be in one warning. */
    private final Duration slack;

    private final Duration pause;
    private final Consumer<String> warnings;
    private final AtomicBoolean watching = new AtomicBoolean();
    private volatile boolean closed;
    /** Those that a warning has named or counted. */
    private final Set<Object> known = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** @param after how long after the end of its context work counts as a zombie */
    public Zombies(LiveContexts live, DependencyCalls calls, Duration after) {
        this(live, calls, after, PAUSE, text -> logger.log(System.Logger.Level.WARNING, text));
    }

    Zombies(LiveContexts live, DependencyCalls calls, Duration after, Duration pause, Consumer<String> warnings) {
        this.live = requireNonNull(live, "live");
        this.calls = requireNonNull(calls, "calls");
        this.after = requireNonNull(after, "after");
        this.slack = after.compareTo(MAX_SLACK.multipliedBy(5)) < 0
                ? Duration.ofMillis(after.toMillis() / 5 + 1) // never none
                : MAX_SLACK;
        this.pause = requireNonNull(pause, "pause");
        this.warnings = requireNonNull(warnings, "warnings");
    }

    /** How long after the end of its context work counts as a zombie. */
    public Duration after() {
        return after;
    }

    /** The requests that are zombies. */
    public Stream<LiveContext> requests() {
        return live.all().stream().filter(request -> isOverdue(request.overdue()));
    }

    /** The calls that are zombies, but for parts of calls. */
    public Stream<DependencyCall> calls() {
        return calls.inFlight().stream().filter(call -> !call.isPart()).filter(call -> isOverdue(call.overdue()));
    }

    private boolean isOverdue(Duration overdue) {
        return overdue.compareTo(after) >= 0;
    }

    @Override
    public void requestDone(LiveContext request) {
        watch();
    }

    @Override
    public void callDone(DependencyCall call) {
        watch();
    }

    private void watch() {
        if (!closed && after.compareTo(NEVER) < 0 && watching.compareAndSet(false, true)) {
            lookIn(after.plus(slack));
        }
    }

    /** Looks no more: the application has ended. */
    @Override
    public void close() {
        closed = true;
    }

    @SuppressWarnings("MustBeClosedChecker") // it ends by itself
    private void lookIn(Duration time) {
        CancelableContext timer = Context.background().withTimeout(time);
        timer.onDone(this::look);
    }

    private void look() {
        try {
            if (!closed && report()) {
                lookIn(pause);
                return;
            }
            if (!closed && isAnyToCome()) {
                lookIn(slack);
                return;
            }
        } catch (RuntimeException | LinkageError e) {
            logger.log(System.Logger.Level.DEBUG, "Zombies could not be reported", e);
        }
        watching.set(false);
        if (isAnyToCome()) { // ended since, and found the watch still on
            watch();
        }
    }

    /** Whether there is work whose context has ended and that no warning has counted. */
    private boolean isAnyToCome() {
        return live.all().stream().anyMatch(request -> request.isDone() && !known.contains(request))
                || calls.inFlight().stream()
                        .anyMatch(call -> !call.overdue().isZero()
                                && !call.isPart()
                                && !known.contains(call)
                                && !isPartOfKnown(call));
    }

    /** One warning for all that are new. A call under a request that is a zombie is a part of that. */
    private boolean report() {
        List<Supplier<String>> found = new ArrayList<>();
        requests().filter(known::add).forEach(request -> found.add(() -> text(request)));
        calls().filter(call -> !isPartOfKnown(call)).filter(known::add).forEach(call -> found.add(() -> text(call)));
        if (found.isEmpty()) {
            return false;
        }
        int more = found.size() - MAX_REPORTED;
        String text = found.stream()
                .limit(MAX_REPORTED)
                .map(Supplier::get)
                .collect(Collectors.joining(System.lineSeparator()));
        warnings.accept(more > 0 ? text + System.lineSeparator() + "and " + more + " more" : text);
        return true;
    }

    private boolean isPartOfKnown(DependencyCall call) {
        LiveContext request = live.of(call.caller());
        return request != null && known.contains(request);
    }

    private static String text(LiveContext request) {
        return text(nameOf(request), request.overdue(), request.context(), request.thread());
    }

    private static String text(DependencyCall call) {
        LiveContext request = call.caller().get(LiveContext.KEY);
        String name = call.operation() + " of " + call.dependency().name();
        return text(
                request == null ? name : name + " for " + nameOf(request),
                call.overdue(),
                call.context(),
                call.thread());
    }

    /** As an operator finds it, by the endpoint and in the line that says it was canceled. */
    private static String nameOf(LiveContext request) {
        return request.name() + ", id " + request.id() + ",";
    }

    private static String text(String name, Duration overdue, Context context, @Nullable Thread thread) {
        StringBuilder text = new StringBuilder(name)
                .append(" goes on ")
                .append(TimeUnit.NANOSECONDS.toMillis(overdue.toNanos()))
                .append(" ms after its context ended (")
                .append(ContextEndedReason.tagOf(context.cause()))
                .append(')');
        if (thread == null) {
            return text.append(", on no thread that is known").toString();
        }
        text.append(", on ").append(thread);
        StackTraceElement[] stack = thread.getStackTrace();
        for (int i = 0; i < Math.min(stack.length, MAX_FRAMES); i++) {
            text.append(System.lineSeparator()).append("\tat ").append(stack[i]);
        }
        return text.toString();
    }
}
