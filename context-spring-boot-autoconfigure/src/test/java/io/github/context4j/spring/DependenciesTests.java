package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.DeadlineExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DependenciesTests {
    private final List<String> told = new ArrayList<>();
    private final List<String> done = new CopyOnWriteArrayList<>();
    private final DependencyCalls calls = new DependencyCalls(Mode.ENFORCE, new ContextObserver() {
        @Override
        public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
            told.add(call.dependency().name() + " " + outcome);
        }

        @Override
        public void cancellationTook(@Nullable Dependency dependency, Duration latency) {
            told.add("latency");
        }

        @Override
        public void callDone(DependencyCall call) {
            done.add(call.operation());
        }
    });
    private final Dependencies dependencies = new Dependencies(
            List.of(
                    new Dependency("reports", Duration.ofMinutes(1)),
                    new Dependency("cache", Duration.ofMillis(300)),
                    new Dependency("slow", Duration.ofSeconds(30))),
            calls);

    /** Until those have been told, too, who registered before. */
    private static void waitUntilDone(Context context) {
        CountDownLatch done = new CountDownLatch(1);
        context.onDone(done::countDown, Runnable::run);
        while (done.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void boundsACallByTheTimeoutOfItsEntry() {
        assertThatThrownBy(() -> dependencies.call("cache", () -> {
                    waitUntilDone(Context.current());
                    Context.current().throwIfDone();
                    return "not reached";
                }))
                .isInstanceOf(DeadlineExceededException.class)
                .cause()
                .isInstanceOfSatisfying(DependencyTimeoutException.class, timeout -> assertThat(timeout.dependency())
                        .isEqualTo("cache"));
        assertThat(told).containsExactly("cache DEADLINE_EXCEEDED", "latency");
        assertThat(calls.inFlight()).isEmpty();
        assertThat(CurrentContext.get()).isNull();
    }

    @Test
    void aCallThatEndsInTimeWasNeverDone() {
        assertThat(dependencies.<Integer, RuntimeException>call("reports", () -> 1))
                .isEqualTo(1);
        assertThat(done).isEmpty();
    }

    @Test
    void neverExtendsTheCallersDeadline() {
        try (CancelableContext caller = Context.background().withTimeout(Duration.ofSeconds(5))) {
            caller.run(() -> dependencies.call("reports", () -> {
                assertThat(Context.current().deadline()).isEqualTo(caller.deadline());
                return true;
            }));
        }
    }

    @Test
    void whatRunsInsideBelongsToTheNamedEntryAndIsNotCountedAgain() {
        Dependency db = new Dependency("db", Duration.ofMillis(1));
        String result = dependencies.call("reports", () -> {
            DependencyCall query = calls.begin(db, "query");
            assertThat(query.dependency().name()).isEqualTo("reports");
            assertThat(query.isPart()).isTrue();
            assertThat(query.context().deadline()).isEqualTo(Context.current().deadline());
            query.end(null);
            return "rows";
        });

        assertThat(result).isEqualTo("rows");
        assertThat(told).containsExactly("reports COMPLETED");
    }

    /** A task that was started inside takes the context along, and goes on when the call is over. */
    @Test
    void whatOutlivesTheNamedCallIsACallOfItsOwn() {
        Context left = dependencies.call("slow", () -> Context.current().withoutCancel());

        left.run(() -> {
            DependencyCall query = calls.begin(new Dependency("db", null), "query");
            assertThat(query.dependency().name()).isEqualTo("slow");
            assertThat(query.isPart()).isFalse();
            assertThat(query.context().deadline()).isNotNull();
            query.end(null);
        });
        assertThat(told).containsExactly("slow COMPLETED", "slow COMPLETED");
    }

    @Test
    void theInnermostNamedEntryApplies() {
        dependencies.call(
                "reports",
                () -> dependencies.call("slow", () -> {
                    DependencyCall query = calls.begin(new Dependency("db", null), "query");
                    assertThat(query.dependency().name()).isEqualTo("slow");
                    query.end(null);
                    assertThat(Context.current().deadline()).isNotNull().satisfies(deadline -> assertThat(
                                    deadline.remaining())
                            .isLessThanOrEqualTo(Duration.ofSeconds(30)));
                    return true;
                }));
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> dependencies.call("nope", () -> true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dependency: nope (expected: one of context.dependencies: [reports, cache, slow])");
    }

    @Test
    void aHandleIsResolvedWhenItIsAskedFor() {
        assertThat(dependencies.isInUse("cache")).isFalse();
        NamedDependency cache = dependencies.named("cache");

        assertThat(dependencies.isInUse("cache")).isTrue();
        assertThat(cache.name()).isEqualTo("cache");
        assertThatThrownBy(() -> cache.run(() -> {
                    waitUntilDone(Context.current());
                    Context.current().throwIfDone();
                }))
                .isInstanceOf(DeadlineExceededException.class);
        assertThat(cache.call(() -> "value")).isEqualTo("value");
        assertThat(told).containsExactly("cache DEADLINE_EXCEEDED", "latency", "cache COMPLETED");
        assertThatThrownBy(() -> dependencies.named("nope"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dependency: nope (expected: one of context.dependencies: [reports, cache, slow])");
    }

    @Test
    void aHandleJustRunsWhereTheLibraryIsSwitchedOff() {
        NamedDependency any = Dependencies.switchedOff().named("any");

        assertThat(any.call(Context::current)).isSameAs(Context.background());
        assertThat(any.begin()).isNull();
    }

    @Test
    void whatMayBeInterruptedIsSoWhenItsContextEnds() {
        Dependencies interrupted =
                new Dependencies(List.of(new Dependency("queue", Duration.ofMillis(300), true)), calls);
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();

        assertThatThrownBy(() -> interrupted.call("queue", queue::take))
                .isInstanceOf(DeadlineExceededException.class)
                .hasCauseInstanceOf(DependencyTimeoutException.class);

        assertThat(Thread.interrupted()).as("interrupted").isFalse();
        assertThat(told).containsExactly("queue DEADLINE_EXCEEDED", "latency");
    }

    @Test
    void nothingIsInterruptedWhereContextsOnlyObserve() throws InterruptedException {
        Dependencies observed = new Dependencies(
                List.of(new Dependency("queue", Duration.ofMillis(20), true)),
                new DependencyCalls(Mode.OBSERVE, calls.observer()));
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();

        assertThat(observed.<String, InterruptedException>call("queue", () -> queue.poll(50, TimeUnit.MILLISECONDS)))
                .isNull();
        assertThat(told).containsExactly("queue DEADLINE_EXCEEDED");
    }
}
