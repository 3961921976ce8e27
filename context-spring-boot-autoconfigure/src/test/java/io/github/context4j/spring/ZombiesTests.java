package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ZombiesTests {
    private static final Duration AFTER = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final List<ContextObserver> observers = new ArrayList<>();
    private final LiveContexts live = new LiveContexts();
    private final DependencyCalls calls = new DependencyCalls(Mode.ENFORCE, new ContextObservers(() -> observers));
    private final BlockingQueue<String> warnings = new LinkedBlockingQueue<>();
    private final Zombies zombies = new Zombies(live, calls, AFTER, PAUSE, warnings::add);

    private String warning() throws InterruptedException {
        @Nullable String warning = warnings.poll(20, TimeUnit.SECONDS);
        assertThat(warning).isNotNull();
        return warning;
    }

    private LiveContext zombie(String name, CancelableContext context) {
        LiveContext request = new LiveContext(name, context, reason -> false);
        live.add(request);
        context.cancel(new CanceledByOperatorException());
        request.done();
        zombies.requestDone(request);
        return request;
    }

    @Test
    void nothingNeedBeAZombieEver() {
        Zombies none = new Zombies(live, calls, Duration.ofSeconds(Long.MAX_VALUE), PAUSE, warnings::add);
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext request = new LiveContext("GET /", context, reason -> false);
            live.add(request);
            context.cancel(new CanceledByOperatorException());
            request.done();
            none.requestDone(request);
            assertThat(none.requests()).isEmpty();
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void aRequestThatGoesOnIsReportedOnceWithTheStackOfItsThread() throws InterruptedException {
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext request = new LiveContext("GET /", context, reason -> false);
            live.add(request);
            request.enter();
            context.cancel(new CanceledByOperatorException());
            assertThat(zombies.requests()).isEmpty();
            request.done();
            zombies.requestDone(request);

            assertThat(warning())
                    .startsWith("GET /, id " + request.id() + ", goes on ")
                    .contains(" ms after its context ended (operator), on " + Thread.currentThread())
                    .containsPattern("\tat \\S*" + ZombiesTests.class.getName());
            assertThat(zombies.requests()).containsExactly(request);

            live.remove(request);
            assertThat(zombies.requests()).isEmpty();
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void aCallThatGoesOnIsReportedUnlessItsRequestIs() throws InterruptedException {
        observers.add(zombies);
        try (CancelableContext context = Context.background().withCancel()) {
            DependencyCall call = context.call(() -> calls.begin(new Dependency("db", null), "query"));
            call.onDone(() -> {});
            context.cancel();

            assertThat(warning()).startsWith("query of db goes on ").contains("(other)");
            assertThat(zombies.calls()).containsExactly(call);
            call.end(null);
            assertThat(zombies.calls()).isEmpty();
        }
    }

    @Test
    void theCallOfARequestThatIsReportedIsAPartOfIt() throws InterruptedException {
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext request = new LiveContext("GET /", context, reason -> false);
            live.add(request);
            DependencyCall call = context.withValue(LiveContext.KEY, request)
                    .call(() -> calls.begin(new Dependency("db", null), "query"));
            call.onDone(() -> {});
            context.cancel();
            request.done();
            zombies.requestDone(request);

            assertThat(warning()).startsWith("GET /, id ").doesNotContain("query of db");
            call.end(null);
            live.remove(request);
        }
    }

    @Test
    void theCallOfARequestThatIsNoneNamesTheRequest() throws InterruptedException {
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext request = new LiveContext("GET /", Context.background(), reason -> false);
            observers.add(zombies);
            live.add(request);
            DependencyCall call = context.withValue(LiveContext.KEY, request)
                    .call(() -> calls.begin(new Dependency("db", null), "query"));
            call.onDone(() -> {});
            context.cancel();

            assertThat(warning()).startsWith("query of db for GET /, id " + request.id() + ", goes on ");
            call.end(null);
            live.remove(request);
        }
    }

    /** Else it would tell of the first milliseconds of a burst, and of the rest after the pause. */
    @Test
    void theFirstLookIsALittleLater() throws InterruptedException {
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext request = zombie("GET /", context);

            assertThat(warning()).satisfies(text -> assertThat(
                            Long.parseLong(text.replaceFirst("(?s).* goes on (\\d+) ms after .*", "$1")))
                    .isBetween(AFTER.toMillis() * 6 / 5, 20_000L));
            live.remove(request);
        }
    }

    @Test
    void oneWarningNamesAFewOfMany() throws InterruptedException {
        try (CancelableContext one = Context.background().withCancel();
                CancelableContext two = Context.background().withCancel()) {
            List<LiveContext> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                LiveContext request = new LiveContext("GET /" + i, one, reason -> false);
                live.add(request);
                request.done();
                all.add(request);
            }
            all.add(zombie("GET /last", two));

            assertThat(warning()).endsWith("and 2 more");
            assertThat(warnings).isEmpty();
            all.forEach(live::remove);
        }
    }

    @Test
    void warningsKeepTheirDistance() throws InterruptedException {
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext first = zombie("GET /first", context);
            assertThat(warning()).startsWith("GET /first");
            live.remove(first);
            long warned = System.nanoTime();
            LiveContext second = zombie("GET /second", context);
            assertThat(warning()).startsWith("GET /second");
            assertThat(Duration.ofNanos(System.nanoTime() - warned)).isGreaterThan(PAUSE.dividedBy(2));
            live.remove(second);
        }
    }

    @Test
    void whatEndsInTimeIsNone() {
        try (CancelableContext context = Context.background().withCancel()) {
            LiveContext request = zombie("GET /", context);
            live.remove(request);
            await().during(AFTER.multipliedBy(2)).atMost(Duration.ofSeconds(20)).until(warnings::isEmpty);
        }
    }
}
