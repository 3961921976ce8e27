package io.github.context4j.spring.propagation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class ContextTaskDecoratorTests {
    private static final Context.Key<String> KEY = Context.Key.named("key");

    private final CancelableContext root = Context.background().withCancel();
    private final ContextTaskDecorator decorator =
            new ContextTaskDecorator(() -> root, false, new MdcEntry("requestId"));

    @AfterEach
    void nothingIsLeft() {
        root.close();
        assertThat(CurrentContext.get()).isNull();
        assertThat(MDC.get("requestId")).isNull();
    }

    @Test
    void aTaskThatRunsOnTheCallersThreadLeavesTheCallersContext() {
        try (CancelableContext callers = Context.background().withCancel()) {
            callers.run(() -> {
                decorator
                        .decorate(() -> assertThat(Context.current()).isNotSameAs(callers))
                        .run();
                assertThat(Context.current()).isSameAs(callers);
            });
        }
    }

    @Test
    void aTaskBeginsUnderADoneContextOnceTheRootHasEnded() {
        Context values = Context.background().withValue(KEY, "mine");
        Runnable task = values.<Runnable, RuntimeException>call(() -> decorator.decorate(() -> {
            assertThat(Context.current().get(KEY)).isEqualTo("mine");
            assertThat(Context.current().cause()).hasMessage("over");
        }));
        root.cancel(new IllegalStateException("over"));
        task.run();
    }

    @Test
    void theIdThatWasThereBeforeComesBack() {
        AtomicReference<@Nullable String> seen = new AtomicReference<>();
        MDC.put("requestId", "submitted");
        try {
            Runnable task = decorator.decorate(() -> seen.set(MDC.get("requestId")));
            MDC.put("requestId", "other");
            task.run();

            assertThat(seen).hasValue("submitted");
            assertThat(MDC.get("requestId")).isEqualTo("other");
        } finally {
            MDC.remove("requestId");
        }
    }

    @Test
    void aTaskThatIsOverOrNeverRunsIsNotHeldByTheRoot() {
        List<WeakReference<Context>> contexts = new ArrayList<>();
        Context values = Context.background().withValue(KEY, "mine");
        for (int i = 0; i < 10; i++) {
            values.run(() -> {
                decorator
                        .decorate(() -> contexts.add(new WeakReference<>(Context.current())))
                        .run();
                Context dropped = Context.current().withValue(KEY, "dropped");
                dropped.run(() -> decorator.decorate(() -> {}));
                contexts.add(new WeakReference<>(dropped));
            });
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(contexts).hasSize(20).allMatch(reference -> reference.refersTo(null));
        });
        assertThat(root.isDone()).isFalse();
    }
}
