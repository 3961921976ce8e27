package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A parent whose children are so many that it is taken for one that threads share. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(600)
final class StripesTests {
    private static final int MANY = CancelNode.STRIPED_AFTER;

    private final ManualTime time = new ManualTime();
    private final CancelableContext parent = Homes.elsewhere(() -> time.root().withCancel());

    /** What a round of a race is about. */
    private static final class Round {
        final CancelableContext parent;
        final List<CancelableContext> left = new ArrayList<>();
        final List<CancelableContext> right = new ArrayList<>();
        boolean tooLate;

        Round(int children) {
            parent = Homes.elsewhere(() -> Context.background().withCancel());
            for (int i = 0; i < children; i++) {
                parent.withCancel().close();
            }
        }

        void derive(List<CancelableContext> children, int count) {
            for (int i = 0; i < count; i++) {
                children.add(parent.withCancel());
            }
        }
    }

    @Test
    void begins() {
        for (int i = 0; i < MANY; i++) {
            parent.withCancel().close();
        }
        assertThat(((CancelNode) parent).first).isNull();

        parent.withCancel();
        assertThat(((CancelNode) parent).first).isInstanceOf(Stripes.class);
        assertThat(Links.of(parent)).isEqualTo(1);
    }

    @Test
    void areNotMadeForChildrenOfOneThread() {
        CancelableContext own = time.root().withCancel();
        for (int i = 0; i < 2 * MANY; i++) {
            own.withCancel();
        }

        assertThat(Links.of(own)).isEqualTo(2 * MANY);
        assertThat(((CancelNode) own).first).isInstanceOf(CancelNode.class);
    }

    @Test
    void keepsWhoWasThereBeforeAndWhoComesLater() {
        AtomicInteger runs = new AtomicInteger();
        List<CancelableContext> children = childrenOfManyThreads(3 * MANY);
        children.forEach(child -> child.onDone(runs::incrementAndGet, Runnable::run));
        assertThat(Links.of(parent)).isEqualTo(3 * MANY);

        parent.cancel(new Exception("why"));

        assertThat(children).allSatisfy(child -> assertThat(child.cause()).hasMessage("why"));
        assertThat(runs).hasValue(3 * MANY);
        assertThat(Links.of(parent)).isZero();
        assertThat(time.armed()).isZero();
        assertThat(parent.withCancel().cause()).hasMessage("why");
    }

    @Test
    void isLeftInAnyOrderByAnyThread() {
        List<CancelableContext> children = childrenOfManyThreads(3 * MANY);
        Collections.shuffle(children, new Random(1));
        while (!children.isEmpty()) {
            children.remove(children.size() - 1).close();
            assertThat(Links.of(parent)).isEqualTo(children.size());
        }
        assertThat(parent.isDone()).isFalse();
    }

    /** Also those that were registered before and after the parent was taken for shared, some of them stopped. */
    @Test
    void startsActionsInTheOrderOfRegistration() {
        List<Integer> order = new ArrayList<>();
        List<Context.Registration> registrations = new ArrayList<>();
        for (int i = 0; i < 3 * MANY; i++) {
            int number = i;
            registrations.add(parent.onDone(() -> order.add(number), Runnable::run));
            parent.withCancel();
        }
        for (int i = 0; i < 3 * MANY; i += 3) {
            assertThat(registrations.get(i).stop()).isTrue();
        }
        assertThat(Links.of(parent)).isEqualTo(3 * MANY + 2 * MANY);

        parent.cancel();
        assertThat(order).hasSize(2 * MANY).isSorted();
    }

    /** Each child in the list of its own thread, some under a time-out, so that all lists are in use. */
    private List<CancelableContext> childrenOfManyThreads(int count) {
        List<CancelableContext> children = new ArrayList<>();
        for (int i = 0; i < count; i += 2) {
            Homes.run(i, () -> {
                children.add(parent.withCancel());
                children.add(parent.withTimeout(ofSeconds(1)));
            });
        }
        return children;
    }

    @Test
    void noChildIsLostWhileTheParentBecomesShared() {
        Race.run(
                () -> new Round(MANY - 8),
                round -> round.derive(round.left, 16),
                round -> round.derive(round.right, 16),
                round -> {
                    assertThat(Links.of(round.parent)).isEqualTo(32);
                    round.left.forEach(CancelableContext::close);
                    assertThat(Links.of(round.parent)).isEqualTo(16);
                    round.parent.cancel();
                    assertThat(round.right).allMatch(Context::isDone);
                });
    }

    @Test
    void childrenCloseWhileTheParentBecomesShared() {
        Race.run(
                () -> {
                    Round round = new Round(MANY - 16);
                    round.derive(round.left, 12);
                    return round;
                },
                round -> round.left.forEach(CancelableContext::close),
                round -> round.derive(round.right, 8),
                round -> assertThat(Links.of(round.parent)).isEqualTo(8));
    }

    /** A child that is added during a cancel is done, and one that is derived from a parent seen done is so at once. */
    @Test
    void aChildAddedDuringACancelIsDone() {
        Race.run(
                () -> new Round(MANY + 1),
                round -> round.parent.cancel(),
                round -> {
                    for (int i = 0; i < 8; i++) {
                        boolean done = round.parent.isDone();
                        CancelableContext child = round.parent.withCancel();
                        round.tooLate |= done && !child.isDone();
                        round.right.add(child);
                    }
                },
                round -> {
                    assertThat(round.right).allMatch(Context::isDone);
                    assertThat(round.tooLate).isFalse();
                    assertThat(Links.of(round.parent)).isZero();
                });
    }

    @Test
    void childrenClosedDuringACancelEndOnce() {
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger canceled = new AtomicInteger();
        Race.run(
                () -> {
                    Round round = new Round(MANY + 1);
                    round.derive(round.right, 16);
                    return round;
                },
                round -> round.parent.cancel(),
                round -> round.right.forEach(CancelableContext::close),
                round -> round.right.forEach(child -> {
                    assertThat(((CancelNode) child).next).isNull();
                    assertThat(((CancelNode) child).previous).isNull();
                    (child.cause() == End.CLOSED.cause() ? closed : canceled).incrementAndGet();
                }));
        assertThat(closed).hasPositiveValue();
        assertThat(canceled).hasPositiveValue();
        assertThat(closed.get() + canceled.get()).isEqualTo(16 * Race.ROUNDS);
    }
}
