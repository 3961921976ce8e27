package io.github.context4j;

import static io.github.context4j.Linearizability.check;

import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.TaskGroup.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Forks, failures and joins of one group: a fork is refused, or every join waits for it and knows of its failure. The books are
 * model-checked with tasks that run in {@code fork}; the group itself has threads of its own, and is put under stress.
 */
@SuppressWarnings("MustBeClosed")
@Timeout(600)
final class GroupLinearizabilityTests {

    @Test
    void theBooksCloseWithNoTaskOpen() {
        Linearizability.modelCheck(Books.class, InTurn.class, 2);
    }

    @Test
    void aForkIsRefusedOrJoined() {
        Linearizability.stress(Group.class, InTurn.class, 2);
    }

    /** Whoever has the turn runs its task at once, and then those that waited for it, as {@link ErrorGroup} does. */
    public static class Books {
        private final ErrorGroup group = new ErrorGroup(new ManualTime().root(), 1);
        private final GroupLedger ledger = new GroupLedger(1);
        private final List<GroupTask<?>> forked = new ArrayList<>();
        private final List<GroupTask<?>> failing = new ArrayList<>();
        private final List<GroupTask<?>> ran = new ArrayList<>();
        private int firstFailures;

        @Operation
        public String fork() {
            return fork(false);
        }

        @Operation
        public String forkFailing() {
            return fork(true);
        }

        private String fork(boolean fails) {
            GroupTask<?> task = new GroupTask<>(group, () -> "");
            if (fails) {
                failing.add(task);
            }
            boolean starts;
            try {
                starts = ledger.add(task, true);
            } catch (IllegalStateException over) {
                return "refused";
            }
            forked.add(task);
            for (GroupTask<?> next = starts ? task : null; next != null; next = ledger.end()) {
                run(next);
            }
            return "forked";
        }

        private void run(GroupTask<?> task) {
            ran.add(task);
            if (failing.contains(task) && ledger.fail(new IllegalArgumentException(), true)) {
                firstFailures++;
            }
        }

        @Operation
        public String join() throws InterruptedException {
            ledger.awaitOver(() -> false, false);
            return ledger.failure() == null ? "all well" : "failed";
        }

        @Validate
        public void atRest() {
            check(ran.size() == forked.size() && ran.containsAll(forked), "ran: " + ran.size());
            failing.retainAll(forked);
            check(firstFailures == (failing.isEmpty() ? 0 : 1), "first failures: " + firstFailures);
        }
    }

    public static class Group {
        private final TaskGroup group = TaskGroup.open(Context.background(), 2);
        private final Queue<Fork<?>> forks = new ConcurrentLinkedQueue<>();
        private final AtomicInteger runs = new AtomicInteger();
        private volatile @Nullable String wrong;

        @Operation
        public String fork() {
            try {
                forks.add(group.fork(runs::incrementAndGet));
                return "forked";
            } catch (IllegalStateException over) {
                return "refused";
            }
        }

        @Operation
        public String forkFailing() {
            try {
                forks.add(group.fork(() -> {
                    runs.incrementAndGet();
                    throw new IllegalArgumentException();
                }));
                return "forked";
            } catch (IllegalStateException over) {
                return "refused";
            }
        }

        @Operation
        public String join() throws InterruptedException {
            try {
                group.join();
                return "all well";
            } catch (IllegalArgumentException failure) {
                if (group.context().cause() != failure) {
                    wrong = "the failure did not end the context";
                }
                return "failed";
            }
        }

        /** No task is open after close; each ran, or was given up because the context had ended. */
        @Validate
        public void atRest() {
            group.close();
            check(wrong == null, String.valueOf(wrong));
            check(forks.stream().noneMatch(fork -> fork.outcome() instanceof Outcome.Unfinished), "a task is open");
            long givenUp = forks.stream()
                    .filter(fork -> fork.outcome() instanceof Outcome.Failure<?> failed
                            && failed.failure() instanceof ContextException)
                    .count();
            check(runs.get() + givenUp == forks.size(), "runs: " + runs + ", given up: " + givenUp);
        }
    }

    public static class InTurn {
        private boolean failed;
        private boolean over;

        public String fork() {
            return over ? "refused" : "forked";
        }

        public String forkFailing() {
            failed |= !over;
            return fork();
        }

        public String join() {
            over = true;
            return failed ? "failed" : "all well";
        }
    }
}
