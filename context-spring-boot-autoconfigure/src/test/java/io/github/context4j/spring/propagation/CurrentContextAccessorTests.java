package io.github.context4j.spring.propagation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

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
    void theRegistryKeepsTheAccessorUntilTheLastApplicationCloses() {
        SharedAccessor second = new SharedAccessor(new CurrentContextAccessor());
        second.close();

        assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
                .filteredOn(known -> known.key().equals(CurrentContextAccessor.KEY))
                .hasSize(1);
    }
}
