package io.github.context4j;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("MustBeClosed")
@Timeout(600)
final class ContextTreeTests {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int MANY = CancelNode.STRIPED_AFTER;

    private final CancelableContext parent =
            Homes.elsewhere(() -> new ManualTime().root().withCancel());

    private static List<Context> derivedFrom(Context context) {
        return ContextTree.derivedFrom(context, ALL);
    }

    private List<CancelableContext> derive(int count) {
        List<CancelableContext> children = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            children.add(parent.withCancel());
        }
        return children;
    }

    @Test
    void showsThoseThatHaveNotEnded() {
        CancelableContext canceled = parent.withCancel();
        CancelableContext timed = parent.withTimeout(Duration.ofSeconds(1));
        CancelableContext closed = parent.withCancel();
        parent.onDone(() -> {}, Runnable::run);
        assertThat(derivedFrom(parent)).containsExactlyInAnyOrder(canceled, timed, closed);

        canceled.cancel();
        closed.close();
        assertThat(derivedFrom(parent)).containsExactly(timed);

        parent.cancel();
        assertThat(derivedFrom(parent)).isEmpty();
    }

    @Test
    void showsOneLevelOnly() {
        CancelableContext child = parent.withCancel();
        CancelableContext grandchild = child.withCancel();

        assertThat(derivedFrom(parent)).containsExactly(child);
        assertThat(derivedFrom(child)).containsExactly(grandchild);
        assertThat(derivedFrom(grandchild)).isEmpty();
    }

    @Test
    void aContextWithAValueHasThoseOfTheOneItEndsWith() {
        Context named = parent.withValue(Context.Key.named("name"), "n");
        CancelableContext child = named.withCancel();

        assertThat(derivedFrom(parent)).containsExactly(child);
        assertThat(derivedFrom(named)).containsExactly(child);
    }

    @Test
    void aRootHasNone() {
        try (CancelableContext child = Context.background().withCancel()) {
            assertThat(derivedFrom(Context.background())).isEmpty();
            assertThat(derivedFrom(child.withoutCancel())).isEmpty();
        }
    }

    @Test
    void showsThoseOfAParentThatThreadsShare() {
        List<CancelableContext> children = derive(2 * MANY);
        Homes.run(1, () -> children.addAll(derive(3)));
        assertThat(((CancelNode) parent).first).isInstanceOf(Stripes.class);
        parent.onDone(() -> {}, Runnable::run);

        assertThat(derivedFrom(parent)).doesNotHaveDuplicates().hasSameElementsAs(children);

        children.get(0).close();
        assertThat(derivedFrom(parent)).hasSize(children.size() - 1).doesNotContain(children.get(0));

        parent.cancel();
        assertThat(derivedFrom(parent)).isEmpty();
    }

    @Test
    void showsNoMoreThanTheLimit() {
        derive(10);
        assertThat(ContextTree.derivedFrom(parent, 3)).hasSize(3).doesNotHaveDuplicates();
        assertThat(ContextTree.derivedFrom(parent, 0)).isEmpty();

        derive(MANY);
        assertThat(ContextTree.derivedFrom(parent, 3)).hasSize(3).doesNotHaveDuplicates();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ContextTree.derivedFrom(parent, -1))
                .withMessage("limit: -1 (expected: >= 0)");
    }

    /** The list is the ending thread's then, which takes it apart. */
    @Test
    void showsNoneAsSoonAsTheParentHasEnded() {
        CancelableContext shared = Homes.elsewhere(() -> parent.withCancel());
        for (int i = 0; i < 2 * MANY; i++) {
            shared.withCancel();
        }
        assertThat(derivedFrom(shared)).isNotEmpty();
        assertThat(((CancelNode) shared).decide(End.CANCELED)).isTrue();
        assertThat(derivedFrom(shared)).isEmpty();

        assertThat(derivedFrom(parent)).isNotEmpty();
        assertThat(((CancelNode) parent).decide(End.CANCELED)).isTrue();
        assertThat(derivedFrom(parent)).isEmpty();
    }

    @Test
    void looksAtAListUnderItsLock() throws Exception {
        derive(1);
        assertWaitsFor(parent);

        derive(MANY);
        Stripes stripes = (Stripes) requireNonNull(((CancelNode) parent).first);
        for (Stripes.Stripe stripe : stripes.stripes) {
            assertWaitsFor(stripe);
        }
    }

    private void assertWaitsFor(Object lock) throws InterruptedException {
        Thread looking = new Thread(() -> derivedFrom(parent));
        synchronized (lock) {
            looking.start();
            Await.state(looking, Thread.State.BLOCKED);
        }
        looking.join();
    }

    /** Whoever looks while the tree ends sees some of it or nothing, and disturbs nobody. */
    @Test
    void looksWhileOthersDeriveAndEnd() {
        Race.run(
                () -> {
                    CancelableContext shared =
                            Homes.elsewhere(() -> Context.background().withCancel());
                    for (int i = 0; i < MANY - 2; i++) {
                        shared.withCancel().close();
                    }
                    return shared;
                },
                shared -> {
                    for (int i = 0; i < 8; i++) {
                        assertThat(derivedFrom(shared))
                                .hasSizeLessThanOrEqualTo(8)
                                .doesNotHaveDuplicates();
                    }
                },
                shared -> {
                    List<CancelableContext> children = new ArrayList<>();
                    for (int i = 0; i < 8; i++) {
                        children.add(shared.withCancel());
                    }
                    children.get(0).close();
                    shared.cancel();
                    assertThat(children).allMatch(Context::isDone);
                },
                shared -> assertThat(Links.of(shared)).isZero());
    }
}
