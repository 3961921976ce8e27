package io.github.context4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ContextsEndpointTests {
    private final LiveContexts live = new LiveContexts();
    private final DependencyCalls calls = new DependencyCalls(Mode.ENFORCE, new ContextObserver() {});
    private final ContextsEndpoint endpoint = new ContextsEndpoint(live, calls);

    @Test
    void isEmptyWhenNothingIsInProgress() {
        assertThat(endpoint.contexts().contexts()).isEmpty();
    }

    @Test
    void showsWhatARequestWaitsOn() {
        try (CancelableContext base = Context.background().withTimeout(Duration.ofMinutes(1))) {
            LiveContext entry = new LiveContext("GET /reports", base);
            live.add(entry);
            DependencyCall call = base.withValue(LiveContext.KEY, entry)
                    .call(() -> calls.begin(new Dependency("db", Duration.ofSeconds(2)), "query"));

            assertThat(endpoint.contexts().contexts()).singleElement().satisfies(row -> {
                assertThat(row.name()).isEqualTo("GET /reports");
                assertThat(row.state()).isEqualTo(Context.State.ACTIVE);
                assertThat(row.cause()).isNull();
                assertThat(row.remainingMillis()).isBetween(1L, 60_000L);
                assertThat(row.waitsOn()).singleElement().satisfies(wait -> {
                    assertThat(wait.dependency()).isEqualTo("db");
                    assertThat(wait.operation()).isEqualTo("query");
                    assertThat(wait.thread()).isEqualTo(Thread.currentThread().getName());
                    assertThat(wait.remainingMillis()).isBetween(1L, 2_000L);
                });
            });

            call.end(null);
            assertThat(endpoint.contexts().contexts()).singleElement().satisfies(row -> assertThat(row.waitsOn())
                    .isEmpty());
        }
    }

    @Test
    void showsWhyAContextEnded() {
        try (CancelableContext base = Context.background().withCancel()) {
            live.add(new LiveContext("GET /reports", base));
            base.cancel();

            assertThat(endpoint.contexts().contexts()).singleElement().satisfies(row -> {
                assertThat(row.state()).isEqualTo(Context.State.CANCELED);
                assertThat(row.cause()).isEqualTo("other");
                assertThat(row.remainingMillis()).isNull();
            });
        }
    }

    @Test
    void leavesOutTheRequestThatAsks() {
        LiveContext own = new LiveContext("GET /actuator/contexts", Context.background());
        live.add(own);

        Context.background()
                .withValue(LiveContext.KEY, own)
                .run(() -> assertThat(endpoint.contexts().contexts()).isEmpty());
    }
}
