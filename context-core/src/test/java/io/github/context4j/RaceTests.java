package io.github.context4j;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.Registration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pairs of steps that meet in all orders; each test also sees to it that either was first at least once. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(600)
final class RaceTests {
    private final AtomicInteger leftFirst = new AtomicInteger();
    private final AtomicInteger rightFirst = new AtomicInteger();

    /** What a round is about. */
    private static final class Round {
        final ManualTime time = new ManualTime();
        final CancelableContext parent = time.root().withCancel();
        final CancelableContext child = parent.withCancel();
        final CancelableContext timed = parent.withTimeout(ofSeconds(1));
        final CancelableContext grandchild = child.withCancel();
        final AtomicInteger runs = new AtomicInteger();
        final List<CancelableContext> children = new ArrayList<>();
        volatile @Nullable CancelableContext made;
        volatile @Nullable Registration registration;
        volatile boolean left;
        volatile boolean right;

        void count() {
            runs.incrementAndGet();
        }

        Round withChildren(int count) {
            for (int i = 0; i < count; i++) {
                children.add(parent.withCancel());
            }
            return this;
        }

        /** Newest first, which is the way that the parent takes, too. */
        void closeEverySecond(int start) {
            for (int i = children.size() - 1 - start; i >= 0; i -= 2) {
                children.get(i).close();
            }
        }

        void listen(Context context) {
            registration = context.onDone(this::count, Runnable::run);
        }
    }

    private void won(boolean left) {
        (left ? leftFirst : rightFirst).incrementAndGet();
    }

    private void assertBothWon(int rounds) {
        assertThat(leftFirst.get() + rightFirst.get()).isEqualTo(rounds);
        assertThat(leftFirst).hasPositiveValue();
        assertThat(rightFirst).hasPositiveValue();
    }

    @Test
    void cancelAndCancelHaveOneWinner() {
        Exception mine = new Exception("left");
        Exception other = new Exception("right");
        Race.run(
                Round::new,
                round -> round.left = round.parent.cancel(mine),
                round -> round.right = round.parent.cancel(other),
                round -> {
                    assertThat(round.left).isNotEqualTo(round.right);
                    assertThat(round.grandchild.cause()).isSameAs(round.left ? mine : other);
                    assertThat(round.parent.cause()).isSameAs(round.left ? mine : other);
                    won(round.left);
                });
        assertBothWon(Race.ROUNDS);
    }

    /** The child is added after the parent has decided, or it is found in the parent's list: never neither. */
    @Test
    void aChildAddedDuringACancelIsDone() {
        Race.run(
                Round::new,
                round -> round.parent.cancel(),
                round -> {
                    round.right = !round.parent.isDone();
                    round.made = round.parent.withCancel();
                },
                round -> {
                    assertThat(round.made.isDone()).isTrue();
                    assertThat(round.made.cause()).isSameAs(round.parent.cause());
                    assertThat(Links.of(round.parent)).isZero();
                    won(!round.right);
                });
        assertBothWon(Race.ROUNDS);
    }

    /** Children leave the list that the parent's thread is walking; it must not lose its way. */
    @Test
    void aChildClosedDuringACancelEndsOnce() {
        Race.run(
                () -> {
                    Round round = new Round().withChildren(64);
                    round.listen(round.child);
                    round.listen(round.grandchild);
                    round.listen(round.timed);
                    return round;
                },
                round -> round.parent.cancel(),
                round -> {
                    round.closeEverySecond(0);
                    round.child.close();
                    round.right = round.child.cause() == End.CLOSED.cause();
                },
                round -> {
                    assertThat(round.runs).hasValue(3);
                    assertThat(round.timed.cause()).isSameAs(End.CANCELED.cause());
                    assertThat(round.grandchild.cause()).isSameAs(round.child.cause());
                    assertThat(Links.of(round.parent)).isZero();
                    for (CancelableContext child : round.children) {
                        assertThat(child.isDone()).isTrue();
                        assertThat(((CancelNode) child).next).isNull();
                        assertThat(((CancelNode) child).previous).isNull();
                    }
                    assertThat(round.time.armed()).isZero();
                    won(!round.right);
                });
        assertBothWon(Race.ROUNDS);
    }

    /** Neighbours leave the list of a parent that lives on, while others join it. */
    @Test
    void siblingsClosedAtOnceLeaveTheOthers() {
        Race.run(
                () -> new Round().withChildren(32),
                round -> {
                    round.closeEverySecond(0);
                    round.made = round.parent.withCancel();
                },
                round -> round.closeEverySecond(1),
                round -> {
                    assertThat(Links.of(round.parent)).isEqualTo(3);
                    round.parent.cancel();
                    assertThat(round.made.isDone()).isTrue();
                    assertThat(round.child.isDone()).isTrue();
                    assertThat(round.timed.isDone()).isTrue();
                });
    }

    @Test
    void anActionRegisteredDuringACancelRunsOnce() {
        Race.run(
                Round::new,
                round -> round.parent.cancel(),
                round -> {
                    round.right = !round.parent.isDone();
                    round.listen(round.parent);
                },
                round -> {
                    assertThat(round.runs).hasValue(1);
                    won(!round.right);
                });
        assertBothWon(Race.ROUNDS);
    }

    @Test
    void anActionIsEitherStoppedOrRun() {
        Race.run(
                () -> {
                    Round round = new Round();
                    round.listen(round.parent);
                    return round;
                },
                round -> round.parent.cancel(),
                round -> round.right = round.registration.stop(),
                round -> {
                    assertThat(round.runs).hasValue(round.right ? 0 : 1);
                    won(!round.right);
                });
        assertBothWon(Race.ROUNDS);
    }

    /** Whoever closes a registration may free what the action uses. */
    @Test
    void anActionDoesNotRunAfterClose() {
        Race.run(
                () -> {
                    Round round = new Round();
                    round.registration = round.parent.onDone(
                            () -> {
                                round.left = true;
                                assertThat(round.right).isFalse();
                                round.count();
                            },
                            Runnable::run);
                    return round;
                },
                round -> round.parent.cancel(),
                round -> {
                    round.registration.close();
                    assertThat(round.runs.get() == 1).isEqualTo(round.left);
                    round.right = true;
                },
                round -> {
                    assertThat(round.runs.get() == 1).isEqualTo(round.left);
                    won(round.left);
                });
        assertBothWon(Race.ROUNDS);
    }

    @Test
    void cancelAndDeadlineHaveOneWinner() {
        Race.run(
                () -> {
                    Round round = new Round();
                    round.listen(round.timed);
                    return round;
                },
                round -> round.parent.cancel(),
                round -> round.time.advance(ofSeconds(1)),
                round -> {
                    assertThat(round.timed.cause()).isIn(End.CANCELED.cause(), End.EXCEEDED.cause());
                    assertThat(round.runs).hasValue(1);
                    assertThat(round.time.armed()).isZero();
                    won(round.timed.state() == Context.State.CANCELED);
                });
        assertBothWon(Race.ROUNDS);
    }

    /** The parent's thread disarms before the timer is armed, or after it: in neither case it stays. */
    @Test
    void aTimerArmedDuringACancelIsNotLeftBehind() {
        TimerThread timer = new TimerThread(ofSeconds(1).toNanos());
        Context root = new RootContext("test", null, timer);
        CancelableContext[] parent = new CancelableContext[1];
        Race.run(
                () -> {
                    Round round = new Round();
                    parent[0] = root.withCancel();
                    return round;
                },
                round -> parent[0].cancel(),
                round -> {
                    round.right = !parent[0].isDone();
                    for (int i = 0; i < 50; i++) {
                        round.children.add(parent[0].withTimeout(ofHours(1)));
                    }
                },
                round -> {
                    assertThat(round.children).allMatch(Context::isDone);
                    assertThat(timer.armed()).isZero();
                    won(!round.right);
                });
        assertBothWon(Race.ROUNDS);
    }

    @Test
    void aTimerDisarmedWhileItFiresEndsItsContextOnce() {
        TimerThread timer = new TimerThread(ofSeconds(1).toNanos());
        Context root = new RootContext("test", null, timer);
        for (int i = 0; i < Race.ROUNDS; i++) {
            AtomicInteger runs = new AtomicInteger();
            Duration timeout = Duration.ofNanos(1 + ThreadLocalRandom.current().nextInt(100_000));
            CancelableContext context = root.withTimeout(timeout);
            context.onDone(runs::incrementAndGet, Runnable::run);
            for (int spins = ThreadLocalRandom.current().nextInt(500); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            boolean byDeadline = !context.cancel();
            Await.until(() -> runs.get() > 0);

            assertThat(context.state())
                    .isEqualTo(byDeadline ? Context.State.DEADLINE_EXCEEDED : Context.State.CANCELED);
            assertThat(runs).hasValue(1);
            won(byDeadline);
        }
        assertThat(timer.armed()).isZero();
        assertBothWon(Race.ROUNDS);
    }
}
