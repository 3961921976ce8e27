package io.github.context4j;

import static io.github.context4j.Linearizability.causeOf;
import static io.github.context4j.Linearizability.check;
import static java.time.Duration.ofSeconds;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The end of a context against all that is added to it or leaves it meanwhile. One context is linearizable. A tree is not, on
 * purpose: a child may be seen active while its parent, which is done, is on its way to it. So each subject asks one context
 * only while threads run, and all of them when they have come to rest.
 */
@SuppressWarnings("MustBeClosed")
@Timeout(600)
final class CancelLinearizabilityTests {

    @Test
    void aChildIsAddedBeforeTheEndOrBornWithIt() {
        Linearizability.modelCheck(AddingChildren.class, AddingChildrenInTurn.class, 2);
    }

    @Test
    void aChildEndsOnceByItselfOrWithItsParent() {
        Linearizability.modelCheck(LeavingChild.class, LeavingChildInTurn.class, 2);
    }

    @Test
    void theSameUnderAParentThatBecomesShared() {
        Linearizability.modelCheck(AddingToShared.class, AddingChildrenInTurn.class, 2);
        Linearizability.modelCheck(LeavingShared.class, LeavingChildInTurn.class, 2);
    }

    @Test
    void anActionIsStartedByTheEndOrByItsRegistration() {
        Linearizability.modelCheck(AddingActions.class, AddingActionsInTurn.class, 2);
    }

    public static class AddingChildren {
        private final ManualTime time = new ManualTime();
        final CancelableContext parent = time.root().withCancel();
        private final List<CancelableContext> children = new ArrayList<>();

        @Operation
        public boolean cancel() {
            return parent.cancel();
        }

        @Operation
        public void close() {
            parent.close();
        }

        @Operation
        public String add() {
            return added(parent.withCancel());
        }

        @Operation
        public String addTimed() {
            return added(parent.withTimeout(ofSeconds(1)));
        }

        private String added(CancelableContext child) {
            children.add(child);
            return causeOf(child);
        }

        /** All children have the parent's end, and it holds on to those that live, and to no other. */
        @Validate
        public void atRest() {
            children.forEach(child -> check(child.cause() == parent.cause(), "a child has another end"));
            int alive = parent.isDone() ? 0 : children.size();
            check(Links.of(parent) == alive, "the parent holds on to others than the living");
            long timed =
                    children.stream().filter(child -> child.deadline() != null).count();
            check(time.armed() == (parent.isDone() ? 0 : timed), "timers armed: " + time.armed());
        }
    }

    /** The next child makes the stripes. */
    public static class AddingToShared extends AddingChildren {
        public AddingToShared() {
            ((CancelNode) parent).joined = CancelNode.STRIPED_AFTER;
        }
    }

    public static class AddingChildrenInTurn {
        private @Nullable Throwable cause;

        public boolean cancel() {
            return end(CanceledException.CANCELED);
        }

        public void close() {
            end(CanceledException.CLOSED);
        }

        private boolean end(Throwable how) {
            if (cause != null) {
                return false;
            }
            cause = how;
            return true;
        }

        public String add() {
            return String.valueOf(cause);
        }

        public String addTimed() {
            return add();
        }
    }

    /** The child ends by itself or with its parent; that one's end is asked by nobody but the thread that decides it. */
    public static class LeavingChild {
        final CancelableContext parent = new ManualTime().root().withCancel();
        private final CancelableContext older = parent.withCancel();
        private final CancelableContext child = parent.withCancel();
        private final CancelableContext younger = parent.withCancel();
        private final CancelableContext grandchild = child.withCancel();
        private int runs;

        public LeavingChild() {
            grandchild.onDone(() -> runs++, Runnable::run);
        }

        @Operation(nonParallelGroup = "parent")
        public boolean cancelParent() {
            return parent.cancel();
        }

        @Operation
        public void closeChild() {
            child.close();
        }

        @Operation
        public void closeNeighbours() {
            older.close();
            younger.close();
        }

        @Operation
        public String child() {
            return causeOf(child);
        }

        @Validate
        public void atRest() {
            check(grandchild.cause() == child.cause(), "the grandchild has another end than the child");
            check(runs == (child.isDone() ? 1 : 0), "runs of an action: " + runs);
            int alive = 0;
            for (CancelableContext one : new CancelableContext[] {older, child, younger}) {
                check(one.isDone() || !parent.isDone(), "a child outlives its parent");
                alive += one.isDone() ? 0 : 1;
            }
            check(Links.of(parent) == alive, "the parent holds on to others than the living");
        }
    }

    /** The children are in stripes. */
    public static class LeavingShared extends LeavingChild {
        public LeavingShared() {
            CancelNode shared = (CancelNode) parent;
            shared.first = new Stripes(shared.first);
        }
    }

    public static class LeavingChildInTurn {
        private boolean parentDone;
        private @Nullable Throwable cause;

        public boolean cancelParent() {
            end(CanceledException.CANCELED);
            boolean first = !parentDone;
            parentDone = true;
            return first;
        }

        public void closeChild() {
            end(CanceledException.CLOSED);
        }

        public void closeNeighbours() {}

        private void end(Throwable how) {
            cause = cause == null ? how : cause;
        }

        public String child() {
            return String.valueOf(cause);
        }
    }

    public static class AddingActions {
        private final CancelableContext context = new ManualTime().root().withCancel();
        private final List<Action> registered = new ArrayList<>();
        private final List<Action> started = new ArrayList<>();

        private final class Action implements Runnable {
            final Thread registrar = Thread.currentThread();
            final int number = registered.size();

            @Nullable
            Thread runner;

            @Override
            public void run() {
                runner = Thread.currentThread();
                started.add(this);
            }
        }

        /** How many actions this started, -1 if it was not the first. */
        @Operation
        public int cancel() {
            if (!context.cancel()) {
                return -1;
            }
            int count = 0;
            for (Action action : List.copyOf(started)) {
                count += action.runner == Thread.currentThread() ? 1 : 0;
            }
            return count;
        }

        /** Whether the action was started at once. */
        @Operation
        public boolean register() {
            Action action = new Action();
            registered.add(action);
            context.onDone(action, Runnable::run);
            return action.runner == Thread.currentThread();
        }

        /** Each action has run once if the context has ended, those of one registrar in the order of registration. */
        @Validate
        public void atRest() {
            check(started.size() == (context.isDone() ? registered.size() : 0), "runs: " + started.size());
            check(started.stream().distinct().count() == started.size(), "an action ran twice");
            Map<Thread, Integer> last = new HashMap<>();
            for (Action action : started) {
                Integer before = last.put(action.registrar, action.number);
                check(before == null || before < action.number, "started out of order");
            }
            check(Links.of(context) == registered.size() - started.size(), "the context holds on to what has run");
        }
    }

    public static class AddingActionsInTurn {
        private int waiting;
        private boolean done;

        public int cancel() {
            if (done) {
                return -1;
            }
            done = true;
            return waiting;
        }

        public boolean register() {
            waiting++;
            return done;
        }
    }
}
