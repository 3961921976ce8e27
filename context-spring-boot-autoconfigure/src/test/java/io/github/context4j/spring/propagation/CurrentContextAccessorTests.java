package io.github.context4j.spring.propagation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.TaskGroup;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class CurrentContextAccessorTests {
    private final ContextSnapshotFactory snapshots =
            ContextSnapshotFactory.builder().build();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final SharedAccessor accessor = new SharedAccessor(new CurrentContextAccessor());
    private final SharedAccessor idAccessor = new SharedAccessor(new MdcEntryAccessor(new MdcEntry("requestId")));
    private final CancelableContext context = Context.background().withCancel();

    @BeforeEach
    void identify() {
        MDC.put("requestId", "mine");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        MDC.remove("requestId");
        context.close();
        assertThat(thread.submit(CurrentContextAccessorTests::here).get(10, TimeUnit.SECONDS))
                .isEqualTo("null null");
        thread.shutdown();
        accessor.close();
        idAccessor.close();
        assertThat(here()).isEqualTo("null null");
        assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
                .noneMatch(known -> String.valueOf(known.key()).startsWith("io.github.context4j"));
    }

    private static String here() {
        return CurrentContext.get() + " " + MDC.get("requestId");
    }

    @Test
    void aSnapshotCarriesTheContextItselfAndTheId() throws Exception {
        ContextSnapshot snapshot = context.call(() -> snapshots.captureAll());

        String seen = thread.submit(snapshot.wrap(() -> {
                    assertThat(Context.current()).isSameAs(context);
                    return here();
                }))
                .get(10, TimeUnit.SECONDS);

        assertThat(seen).isEqualTo(context + " mine");
    }

    @Test
    void aSnapshotOfNoContextClearsWhatIsCurrentWhereThatIsWanted() throws Exception {
        ContextSnapshotFactory clearing =
                ContextSnapshotFactory.builder().clearMissing(true).build();
        ContextSnapshot none = clearing.captureAll();

        context.run(() -> {
            try (ContextSnapshot.Scope scope = none.setThreadLocals()) {
                assertThat(CurrentContext.get()).isNull();
            }
            assertThat(Context.current()).isSameAs(context);
        });
    }

    @Test
    void whatAThreadHasGoesToATaskOfAGroupAndLeavesTheGroupsContext() throws Exception {
        try (TaskGroup group = TaskGroup.open(context, 1)) {
            TaskGroup.Fork<String> carried = context.call(() -> group.fork(ThreadValues.carriedTo(() -> {
                assertThat(Context.current()).isSameAs(group.context());
                return String.valueOf(MDC.get("requestId"));
            })));
            TaskGroup.Fork<String> left = group.fork(() -> String.valueOf(MDC.get("requestId")));
            group.join();

            assertThat(carried.get()).isEqualTo("mine");
            assertThat(left.get()).isEqualTo("null");
        }
    }

    @Test
    void reactorCarriesTheContextFromAThreadToItsOwnAndBack() {
        Scheduler scheduler = Schedulers.newSingle("carried");
        Hooks.enableAutomaticContextPropagation();
        try {
            Mono<String> carried =
                    Mono.just("any").publishOn(scheduler).map(any -> here()).contextCapture();
            context.run(() -> assertThat(carried.block(Duration.ofSeconds(10))).isEqualTo(context + " mine"));

            MDC.remove("requestId");
            String left = Mono.fromCallable(CurrentContextAccessorTests::here)
                    .subscribeOn(scheduler)
                    .block(Duration.ofSeconds(10));
            assertThat(left).isEqualTo("null null");

            String written = Mono.just("any")
                    .publishOn(scheduler)
                    .map(any -> here())
                    .contextWrite(known -> known.put(CurrentContextAccessor.KEY, context))
                    .block(Duration.ofSeconds(10));
            assertThat(written).isEqualTo(context + " null");
        } finally {
            Hooks.disableAutomaticContextPropagation();
            scheduler.dispose();
        }
    }

    @Test
    void theRegistryKeepsTheAccessorUntilTheLastApplicationCloses() {
        SharedAccessor second = new SharedAccessor(new CurrentContextAccessor());
        second.close();

        assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
                .filteredOn(known -> known.key().equals(CurrentContextAccessor.KEY))
                .hasSize(1);
    }
}
