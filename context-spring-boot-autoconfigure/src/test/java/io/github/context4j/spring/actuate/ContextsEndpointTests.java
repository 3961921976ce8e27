package io.github.context4j.spring.actuate;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Zombies;
import io.github.context4j.spring.actuate.ContextsEndpoint.Call;
import io.github.context4j.spring.actuate.ContextsEndpoint.Contexts;
import io.github.context4j.spring.actuate.ContextsEndpoint.Derived;
import io.github.context4j.spring.actuate.ContextsEndpoint.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.SecurityContext;

class ContextsEndpointTests {
    private final LiveContexts live = new LiveContexts();
    private final DependencyCalls calls = new DependencyCalls(Mode.ENFORCE, new ContextObserver() {});
    private final List<AuditEvent> audited = new ArrayList<>();
    private final ContextsEndpoint endpoint = new ContextsEndpoint(
            live,
            calls,
            new Zombies(live, calls, Duration.ofNanos(1)),
            event -> audited.add(((AuditApplicationEvent) event).getAuditEvent()));

    private LiveContext begin(String name, Context context) {
        LiveContext entry = new LiveContext(name, context, reason -> false);
        live.add(entry);
        return entry;
    }

    private Contexts all() {
        return endpoint.contexts(null, null, null, null, null);
    }

    @Test
    void isEmptyWhenNothingIsInProgress() {
        assertThat(all()).isEqualTo(new Contexts(0, List.of(), 0, List.of()));
    }

    @Test
    void showsWhatARequestWaitsOn() {
        try (CancelableContext base = Context.background().withTimeout(Duration.ofMinutes(1))) {
            LiveContext entry = begin("GET /reports", base);
            entry.enter();
            DependencyCall call = base.withValue(LiveContext.KEY, entry)
                    .call(() -> calls.begin(new Dependency("db", Duration.ofSeconds(2)), "query"));

            assertThat(all().contexts()).singleElement().satisfies(row -> {
                assertThat(row.name()).isEqualTo("GET /reports");
                assertThat(row.state()).isEqualTo(Context.State.ACTIVE);
                assertThat(row.cause()).isNull();
                assertThat(row.remainingMillis()).isBetween(1L, 60_000L);
                assertThat(row.overdueMillis()).isNull();
                assertThat(row.thread()).startsWith(Thread.currentThread().getName());
                assertThat(row.waitsOn()).singleElement().satisfies(wait -> {
                    assertThat(wait.dependency()).isEqualTo("db");
                    assertThat(wait.operation()).isEqualTo("query");
                    assertThat(wait.thread()).startsWith(Thread.currentThread().getName());
                    assertThat(wait.remainingMillis()).isBetween(1L, 2_000L);
                });
            });

            call.end(null);
            entry.leave();
            assertThat(all().contexts()).singleElement().satisfies(row -> {
                assertThat(row.waitsOn()).isEmpty();
                assertThat(row.thread()).isNull();
            });
        }
    }

    @Test
    void showsWhatWasDerivedForARequest() {
        try (CancelableContext base = Context.background().withTimeout(Duration.ofMinutes(1));
                CancelableContext group = base.withTimeout(Duration.ofSeconds(9));
                CancelableContext idle = base.withCancel()) {
            LiveContext entry = begin("GET /dashboard", base);
            Context task = group.withValue(LiveContext.KEY, entry);
            DependencyCall call = task.call(() -> calls.begin(new Dependency("db", Duration.ofSeconds(2)), "query"));
            DependencyCall unlimited = task.call(() -> calls.begin(new Dependency("cache", null), "get"));

            List<Derived> derived = all().contexts().get(0).derived();
            assertThat(derived).hasSize(2);
            assertThat(derived.get(0).remainingMillis()).isBetween(1L, 9_000L);
            assertThat(derived.get(0).call()).isNull();
            assertThat(derived.get(0).derived()).singleElement().satisfies(below -> {
                assertThat(requireNonNull(below.call()).dependency()).isEqualTo("db");
                assertThat(below.call().operation()).isEqualTo("query");
                assertThat(below.remainingMillis()).isBetween(1L, 2_000L);
                assertThat(below.derived()).isEmpty();
            });
            assertThat(derived.get(1).remainingMillis()).isBetween(9_001L, 60_000L);
            assertThat(derived.get(1).derived()).isEmpty();

            call.end(null);
            unlimited.end(null);
            idle.close();
            assertThat(all().contexts().get(0).derived()).singleElement().satisfies(left -> assertThat(left.derived())
                    .isEmpty());

            base.cancel();
            assertThat(all().contexts().get(0).derived()).isEmpty();
        }
    }

    @Test
    void showsNoMoreDerivedContextsThanTheLimitAndThoseNearestToTheRequest() {
        try (CancelableContext base = Context.background().withCancel()) {
            begin("GET /dashboard", base);
            for (int i = 0; i < 60; i++) {
                open(open(open(base)));
            }

            assertThat(all().contexts().get(0).derived()).hasSize(60);
            assertThat(count(all().contexts().get(0).derived())).isEqualTo(ContextsEndpoint.LIMIT);
            assertThat(count(few(7))).isEqualTo(7);
            assertThat(few(7)).hasSize(7);
            assertThat(count(few(180))).isEqualTo(180);
            assertThat(count(few(10_000))).isEqualTo(180);
        }
    }

    @SuppressWarnings("MustBeClosed") // they end with their base
    private static CancelableContext open(Context parent) {
        return parent.withCancel();
    }

    private List<Derived> few(int limit) {
        return row(limit).derived();
    }

    private Row row(int limit) {
        return endpoint.contexts(null, null, null, null, limit).contexts().get(0);
    }

    private static int count(List<Derived> derived) {
        return derived.stream().mapToInt(each -> 1 + count(each.derived())).sum();
    }

    @Test
    void saysWhetherThereAreMoreDerivedContexts() {
        try (CancelableContext base = Context.background().withCancel()) {
            begin("GET /dashboard", base);
            open(open(base));
            open(base);

            assertThat(row(1)).satisfies(row -> {
                assertThat(count(row.derived())).isEqualTo(1);
                assertThat(row.moreDerived()).isTrue();
            });
            assertThat(row(2).moreDerived()).isTrue();
            assertThat(row(3).moreDerived()).isFalse();
            assertThat(row(Integer.MAX_VALUE).moreDerived()).isFalse();
        }
    }

    @Test
    void doesNotGoDeeperThanAnswersCan() {
        try (CancelableContext base = Context.background().withCancel()) {
            begin("GET /deep", base);
            Context deepest = base;
            for (int i = 0; i < ContextsEndpoint.DEPTH; i++) {
                deepest = open(deepest);
            }
            assertThat(row(10_000).moreDerived()).isFalse();
            assertThat(count(row(10_000).derived())).isEqualTo(ContextsEndpoint.DEPTH);

            open(deepest);
            assertThat(row(10_000).moreDerived()).isTrue();
            assertThat(count(row(10_000).derived())).isEqualTo(ContextsEndpoint.DEPTH);
        }
    }

    @Test
    void showsTheOldestCallsOfARequestAndHowManyThereAre() {
        LiveContext request = begin("GET /wide", Context.background());
        List<DependencyCall> begun = new ArrayList<>();
        Context.background().withValue(LiveContext.KEY, request).run(() -> {
            for (int i = 0; i < 5_000; i++) {
                begun.add(calls.begin(new Dependency("db", null), "query " + i));
            }
        });

        assertThat(row(3).waitsOn()).extracting(Call::operation).containsExactly("query 0", "query 1", "query 2");
        assertThat(row(3).totalWaitsOn()).isEqualTo(5_000);
        assertThat(all().contexts().get(0).waitsOn()).hasSize(ContextsEndpoint.LIMIT);
        begun.forEach(call -> call.end(null));
        assertThat(row(3).totalWaitsOn()).isZero();
    }

    @Test
    void tellsThreadsOfTheSameNameApart() throws Exception {
        Set<String> shown = new HashSet<>();
        for (String name : List.of("context", "context", "", "exec-8")) {
            Thread thread = new Thread(() -> calls.begin(new Dependency("db", null), "query"), name);
            thread.start();
            thread.join();
        }
        calls.inFlight().forEach(call -> assertThat(all().calls()).anySatisfy(row -> assertThat(row.thread())
                .startsWith(call.thread().getName())));
        all().calls().forEach(row -> shown.add(row.thread()));

        assertThat(shown)
                .hasSize(4)
                .contains("exec-8")
                .filteredOn(thread -> thread.matches("context#\\d+"))
                .hasSize(2);
        List.copyOf(calls.inFlight()).forEach(call -> call.end(null));
    }

    @Test
    void showsCallsThatAreNoRequests() {
        DependencyCall call = calls.begin(new Dependency("db", null), "query");

        assertThat(all().contexts()).isEmpty();
        assertThat(all().calls()).singleElement().satisfies(row -> assertThat(row.dependency())
                .isEqualTo("db"));

        call.end(null);
        assertThat(all().calls()).isEmpty();
    }

    @Test
    void aCallThatOutlivesItsRequestIsNobodys() {
        LiveContext request = begin("GET /", Context.background());
        DependencyCall call = Context.background()
                .withValue(LiveContext.KEY, request)
                .call(() -> calls.begin(new Dependency("db", null), "query"));
        live.remove(request);

        assertThat(all().calls()).hasSize(1);
        call.end(null);
    }

    @Test
    void callsThatAreNoRequestsAreFilteredAndFew() {
        try (CancelableContext base = Context.background().withCancel()) {
            DependencyCall late = base.call(() -> calls.begin(new Dependency("cache", null), "get"));
            late.onDone(() -> {});
            List<DependencyCall> begun = new ArrayList<>(List.of(late));
            for (int i = 0; i < ContextsEndpoint.LIMIT; i++) {
                begun.add(calls.begin(new Dependency("db", null), "query"));
            }
            base.cancel();
            while (late.overdue().isZero()) {
                Thread.onSpinWait();
            }

            assertThat(all().calls()).hasSize(ContextsEndpoint.LIMIT);
            assertThat(all().calls().get(0).dependency()).isEqualTo("cache"); // the oldest
            assertThat(all().totalCalls()).isEqualTo(ContextsEndpoint.LIMIT + 1);
            assertThat(endpoint.contexts(null, null, "db", null, 3).totalCalls())
                    .isEqualTo(ContextsEndpoint.LIMIT);
            assertThat(endpoint.contexts(null, null, null, null, 3).calls()).hasSize(3);
            assertThat(endpoint.contexts("GET", null, null, null, null).calls()).isEmpty();
            assertThat(endpoint.contexts(null, Context.State.ACTIVE, "cache", null, null)
                            .calls())
                    .isEmpty();
            assertThat(endpoint.contexts(null, null, null, true, null).calls())
                    .singleElement()
                    .satisfies(call -> {
                        assertThat(call.dependency()).isEqualTo("cache");
                        assertThat(call.cause()).isEqualTo("other");
                        assertThat(call.overdueMillis()).isNotNull();
                    });
            begun.forEach(call -> call.end(null));
        }
    }

    @Test
    void showsWhyAContextEnded() {
        try (CancelableContext base = Context.background().withCancel()) {
            begin("GET /reports", base);
            base.cancel();

            assertThat(all().contexts()).singleElement().satisfies(row -> {
                assertThat(row.state()).isEqualTo(Context.State.CANCELED);
                assertThat(row.cause()).isEqualTo("other");
                assertThat(row.remainingMillis()).isNull();
            });
        }
    }

    @Test
    void leavesOutTheRequestThatAsks() {
        LiveContext own = begin("GET /actuator/contexts", Context.background());

        Context.background().withValue(LiveContext.KEY, own).run(() -> assertThat(all().contexts())
                .isEmpty());
    }

    @Test
    void showsWhatSatisfiesAllConditions() {
        try (CancelableContext base = Context.background().withCancel()) {
            LiveContext report = begin("GET /reports/{id}", Context.background());
            LiveContext user = begin("GET /users/{id}", base);
            DependencyCall call = Context.background()
                    .withValue(LiveContext.KEY, report)
                    .call(() -> calls.begin(new Dependency("db", null), "query"));
            base.cancel();
            user.done();
            while (user.overdue().isZero()) {
                Thread.onSpinWait();
            }

            assertThat(names("REPORT", null, null, null)).containsExactly("GET /reports/{id}");
            assertThat(names(null, Context.State.CANCELED, null, null)).containsExactly("GET /users/{id}");
            assertThat(names(null, null, "db", null)).containsExactly("GET /reports/{id}");
            assertThat(names(null, null, "cache", null)).isEmpty();
            assertThat(names(null, null, null, false)).containsExactly("GET /reports/{id}");
            assertThat(names("get", Context.State.ACTIVE, "db", false)).containsExactly("GET /reports/{id}");
            assertThat(names("get", Context.State.CANCELED, "db", null)).isEmpty();
            call.end(null);
        }
    }

    private List<String> names(
            @Nullable String name,
            Context.@Nullable State state,
            @Nullable String dependency,
            @Nullable Boolean zombie) {
        return endpoint.contexts(name, state, dependency, zombie, null).contexts().stream()
                .map(Row::name)
                .toList();
    }

    @Test
    void showsTheOldestOfManyAndHowManyThereAre() {
        for (int i = 0; i < 10_000; i++) {
            begin("GET /" + i, Context.background());
        }

        long begun = System.nanoTime();
        Contexts shown = all();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20)); // the goal: 50 ms
        assertThat(shown.total()).isEqualTo(10_000);
        assertThat(shown.contexts()).hasSize(ContextsEndpoint.LIMIT);
        assertThat(shown.contexts().get(0).name()).isEqualTo("GET /0");
        assertThat(endpoint.contexts(null, null, null, null, 3).contexts()).hasSize(3);
        assertThat(endpoint.contexts(null, null, null, null, -1).contexts()).isEmpty();
    }

    @Test
    void cancelsOneAndSaysSoToTheAudit() {
        try (CancelableContext base = Context.background().withCancel();
                CancelableContext other = Context.background().withCancel()) {
            LiveContext entry = new LiveContext("GET /reports", base, base::cancel);
            live.add(entry);
            live.add(new LiveContext("GET /users", other, other::cancel));

            assertThat(endpoint.cancel(entry.id(), SecurityContext.NONE))
                    .isEqualTo(new ContextsEndpoint.Cancellation(entry.id(), "GET /reports", true));
            assertThat(base.cause()).isInstanceOf(CanceledByOperatorException.class);
            assertThat(other.isDone()).isFalse();
            assertThat(endpoint.cancel(entry.id(), SecurityContext.NONE))
                    .isEqualTo(new ContextsEndpoint.Cancellation(entry.id(), "GET /reports", false));
            assertThat(audited).hasSize(2);
            assertThat(audited.get(0).getType()).isEqualTo("CONTEXT_CANCELED");
            assertThat(audited.get(0).getData())
                    .containsEntry("id", entry.id())
                    .containsEntry("name", "GET /reports")
                    .containsEntry("canceled", true);
        }
    }

    @Test
    void canCancelNothingThatIsNotThere() {
        assertThat(endpoint.cancel(-1, SecurityContext.NONE)).isNull();
        assertThat(audited).isEmpty();
    }
}
