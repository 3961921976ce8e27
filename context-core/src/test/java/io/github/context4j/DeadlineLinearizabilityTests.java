package io.github.context4j;

import static io.github.context4j.Linearizability.check;
import static java.time.Duration.ofSeconds;

import io.github.context4j.Context.State;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deadlines that pass while contexts end otherwise, and while timers come and go. Time is the manual one. */
@SuppressWarnings("MustBeClosed")
@Timeout(600)
final class DeadlineLinearizabilityTests {

    @Test
    void aContextEndsOnceByItsDeadlineByItselfOrWithItsParent() {
        Linearizability.modelCheck(TimedChild.class, TimedChildInTurn.class, 3);
    }

    @Test
    void timersFireInOrderWhileOthersAreArmedAndDisarmed() {
        Linearizability.modelCheck(Timers.class, TimersInTurn.class, 2);
    }

    @Test
    void aDeadlineThatPassesWhileItIsArmedIsNotLost() {
        Linearizability.modelCheck(LateArm.class, NothingInTurn.class, 2);
    }

    public static class LateArm {
        private final ManualTime time = new ManualTime();
        private final Deadline due = Deadline.after(ofSeconds(1), ((BaseContext) time.root()).ticker());
        private volatile @Nullable CancelableContext context;

        @Operation(runOnce = true)
        public void arm() {
            context = time.root().withDeadline(due);
        }

        @Operation(runOnce = true)
        public void advance() {
            time.advance(ofSeconds(1));
        }

        @Validate
        public void atRest() {
            CancelableContext made = context;
            check(made == null || made.isDone() == due.isExpired(), "expired and active, or the other way round");
            check(time.armed() == (made == null || made.isDone() ? 0 : 1), "timers armed: " + time.armed());
        }
    }

    public static class NothingInTurn {
        public void arm() {}

        public void advance() {}
    }

    /** The parent's end is asked by nobody but the thread that decides it: a child may be seen active a little longer. */
    public static class TimedChild {
        private final ManualTime time = new ManualTime();
        private final CancelableContext parent = time.root().withCancel();
        private final CancelableContext child = parent.withTimeout(ofSeconds(1));
        private final CancelableContext grandchild = child.withTimeout(ofSeconds(2));
        private int runs;

        public TimedChild() {
            grandchild.onDone(() -> runs++, Runnable::run);
        }

        @Operation(nonParallelGroup = "parent")
        public boolean cancelParent() {
            return parent.cancel();
        }

        @Operation(nonParallelGroup = "time")
        public void advance() {
            time.advance(ofSeconds(1));
        }

        @Operation
        public void closeChild() {
            child.close();
        }

        @Operation
        public String child() {
            return String.valueOf(child.cause());
        }

        @Validate
        public void atRest() {
            check(grandchild.cause() == child.cause(), "the grandchild has another end than the child");
            check(runs == (child.isDone() ? 1 : 0), "runs of an action: " + runs);
            check(time.armed() == (child.isDone() ? 0 : 1), "timers armed: " + time.armed());
            check(Links.of(parent) == (child.isDone() ? 0 : 1), "the parent holds on to its child");
        }
    }

    public static class TimedChildInTurn {
        private boolean parentDone;
        private String cause = "null";

        private void end(Throwable how) {
            cause = cause.equals("null") ? how.toString() : cause;
        }

        public boolean cancelParent() {
            end(CanceledException.CANCELED);
            boolean first = !parentDone;
            parentDone = true;
            return first;
        }

        public void advance() {
            end(DeadlineExceededException.EXCEEDED);
        }

        public void closeChild() {
            end(CanceledException.CLOSED);
        }

        public String child() {
            return cause;
        }
    }

    /** One second makes one timer due, the middle one of the three; the others come and go. */
    public static class Timers {
        private final ManualTime time = new ManualTime();
        private final Context root = time.root();
        private final List<Integer> fired = new ArrayList<>();
        private final CancelableContext late = timer(60);
        private final CancelableContext due = timer(1);
        private final CancelableContext later = timer(90);
        private final List<CancelableContext> armed = new ArrayList<>(List.of(late, due, later));

        private CancelableContext timer(int seconds) {
            CancelableContext context = root.withTimeout(ofSeconds(seconds));
            context.onDone(
                    () -> {
                        if (context.state() == State.DEADLINE_EXCEEDED) {
                            fired.add(seconds);
                        }
                    },
                    Runnable::run);
            return context;
        }

        @Operation(nonParallelGroup = "time", runOnce = true)
        public void advance() {
            time.advance(ofSeconds(1));
        }

        @Operation(runOnce = true)
        public void arm() {
            armed.add(timer(30));
        }

        @Operation(runOnce = true)
        public boolean disarmLate() {
            return late.cancel();
        }

        @Operation
        public boolean disarmDue() {
            return due.cancel();
        }

        @Operation
        public State due() {
            return due.state();
        }

        /** What is armed is what has not ended; all of it fires in its order when time goes on. */
        @Validate
        public void atRest() {
            check(time.armed() == armed.stream().filter(one -> !one.isDone()).count(), "timers armed: " + time.armed());
            time.advance(ofSeconds(100));
            check(time.armed() == 0, "timers armed at the end: " + time.armed());
            check(armed.stream().allMatch(Context::isDone), "a timer was lost");
            check(fired.equals(fired.stream().sorted().distinct().toList()), "fired: " + fired);
            long expected = armed.stream()
                    .filter(one -> one.state() == State.DEADLINE_EXCEEDED)
                    .count();
            check(fired.size() == expected, "fired: " + fired);
        }
    }

    public static class TimersInTurn {
        private State due = State.ACTIVE;

        private boolean end(State how) {
            boolean first = due == State.ACTIVE;
            due = first ? how : due;
            return first;
        }

        public void advance() {
            end(State.DEADLINE_EXCEEDED);
        }

        public void arm() {}

        public boolean disarmLate() {
            return true;
        }

        public boolean disarmDue() {
            return end(State.CANCELED);
        }

        public State due() {
            return due;
        }
    }
}
