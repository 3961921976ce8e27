package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated // the count is that of the process
@SuppressWarnings("MustBeClosed")
final class UnclosedContextsTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext parent = Homes.elsewhere(() -> time.root().withCancel());
    private final long before = UnclosedContexts.count();

    @AfterEach
    void sampleNone() {
        UnclosedContexts.sample(0);
    }

    private long found() {
        return UnclosedContexts.count() - before;
    }

    @Test
    void countsEachThatIsOpenWhenItsParentIsClosed() {
        parent.withCancel().withTimeout(ofSeconds(1));
        for (int i = 0; i < 2 * CancelNode.STRIPED_AFTER; i++) {
            parent.withCancel();
        }

        parent.close();

        assertThat(found()).isEqualTo(2 + 2 * CancelNode.STRIPED_AFTER);
    }

    @Test
    void countsNoneThatIsClosedOrHasNothingToClose() {
        try (CancelableContext child = parent.withCancel()) {
            child.withTimeout(ofSeconds(1)).close();
        }
        parent.onDone(() -> {}, Runnable::run);
        parent.withValue(Context.Key.named("key"), "value");

        parent.close();
        parent.withCancel();

        assertThat(found()).isZero();
    }

    @Test
    void countsNoneThatIsInUseWhenItsParentIsCanceledOrLate() {
        parent.withCancel();
        time.root().withTimeout(ofSeconds(1)).withCancel();

        parent.cancel();
        time.advance(ofSeconds(1));

        assertThat(found()).isZero();
    }

    /** Which is what closing a group that was not joined is for. */
    @Test
    void countsNoneOfATaskThatItsGroupCancels() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<Throwable> cause = new AtomicReference<>();
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(() -> {
                try (CancelableContext own = Context.current().withCancel()) {
                    begun.countDown();
                    own.awaitDone();
                    cause.set(own.cause());
                }
                return "";
            });
            begun.await();
        }

        assertThat(cause).hasValue(CanceledException.CLOSED);
        assertThat(found()).isZero();
    }

    @Test
    void saysWhereASampledOneWasDerived() {
        UnclosedContexts.sample(1);
        derivedByThisMethod();
        parent.withCancel().close();

        try (Warnings warnings = Warnings.record()) {
            parent.close();
            assertThat(warnings.thrown())
                    .singleElement()
                    .satisfies(stack -> assertThat(stack).hasMessage("derived here"))
                    .satisfies(stack -> assertThat(stack.getStackTrace())
                            .extracting(StackTraceElement::getMethodName)
                            .contains("derivedByThisMethod"));
        }
        assertThat(found()).isEqualTo(1);
    }

    private void derivedByThisMethod() {
        parent.withCancel();
    }

    @Test
    void saysNothingOfSampledOnesThatAreClosedCanceledOrBornDone() {
        UnclosedContexts.sample(1);
        try (Warnings warnings = Warnings.record()) {
            CancelableContext sampled = time.root().withCancel();
            sampled.withCancel().withTimeout(ofSeconds(1));
            sampled.cancel();
            assertThat(((CancelNode) sampled.withCancel()).first).isNull();
            time.root().withTimeout(ofSeconds(1)).close();
            time.root().withTimeout(ofSeconds(0)).withCancel();

            assertThat(warnings.thrown()).isEmpty();
        }
        assertThat(found()).isZero();
    }

    @Test
    void remembersNothingWhereNothingIsSampled() {
        parent.withCancel();
        try (Warnings warnings = Warnings.record()) {
            parent.close();
            assertThat(warnings.thrown()).isEmpty();
        }
        assertThatThrownBy(() -> UnclosedContexts.sample(-1)).hasMessage("every: -1 (expected: >= 0)");
    }
}
