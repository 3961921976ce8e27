package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.TaskGroup.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fork, failure, cancellation and join, in all orders. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(600)
final class TaskGroupRaceTests {
    private static final int ROUNDS = Race.ROUNDS / 5;

    private static final class Round {
        final CancelableContext parent = Context.background().withCancel();
        final TaskGroup group;
        final AtomicInteger runs = new AtomicInteger();
        final List<Fork<Integer>> forks = new ArrayList<>();

        Round(int limit) {
            group = TaskGroup.open(parent, limit);
        }

        void fork() {
            forks.add(group.fork(runs::incrementAndGet));
        }

        @Nullable
        Throwable join() {
            try {
                group.join();
                return null;
            } catch (Throwable t) {
                return t;
            }
        }
    }

    /** The fork is refused, or join waits for it: never neither. */
    @Test
    void joinWaitsForAForkThatItDidNotRefuse() {
        AtomicInteger refused = new AtomicInteger();
        Race.run(
                ROUNDS,
                () -> new Round(10),
                round -> {
                    try {
                        round.fork();
                    } catch (IllegalStateException e) {
                        refused.incrementAndGet();
                    }
                },
                round -> assertThat(round.join()).isNull(),
                round -> {
                    assertThat(round.runs).hasValue(round.forks.size());
                    assertThat(round.forks).allMatch(fork -> fork.outcome() instanceof Outcome.Success);
                });
        assertThat(refused.get()).isBetween(1, ROUNDS - 1);
    }

    /** Each task runs or is given up, those that wait for their turn, too; join never hangs. */
    @Test
    void everyTaskEndsWhenTheParentIsCanceledMeanwhile() {
        AtomicInteger runs = new AtomicInteger();
        Race.run(
                ROUNDS,
                () -> new Round(1),
                round -> round.parent.cancel(),
                round -> {
                    for (int i = 0; i < 3; i++) {
                        round.fork();
                    }
                },
                round -> {
                    Throwable thrown = round.join();
                    long succeeded = round.forks.stream()
                            .filter(fork -> fork.outcome() instanceof Outcome.Success)
                            .count();
                    assertThat(round.forks).noneMatch(fork -> fork.outcome() instanceof Outcome.Unfinished);
                    assertThat(round.runs).hasValue((int) succeeded);
                    if (succeeded == 3) {
                        assertThat(thrown).isNull();
                    } else {
                        assertThat(thrown).isInstanceOf(CanceledException.class);
                    }
                    assertThat(Links.of(round.parent)).isZero();
                    runs.addAndGet((int) succeeded);
                });
        assertThat(runs.get()).isBetween(1, 3 * ROUNDS - 1);
    }

    @Test
    void ofFailuresAtOnceOneIsFirstAndTheOthersAreSuppressed() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            CyclicBarrier together = new CyclicBarrier(3);
            Round round = new Round(3);
            for (int task = 0; task < 3; task++) {
                round.group.fork(() -> {
                    together.await();
                    throw new IllegalStateException("its own");
                });
            }
            Throwable thrown = round.join();
            assertThat(thrown).isInstanceOf(IllegalStateException.class);
            assertThat(thrown.getSuppressed()).hasSize(2).doesNotContain(thrown).doesNotHaveDuplicates();
            assertThat(round.group.context().cause()).isSameAs(thrown);
        }
    }
}
