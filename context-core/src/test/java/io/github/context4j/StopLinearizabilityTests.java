package io.github.context4j;

import static io.github.context4j.Linearizability.check;

import io.github.context4j.Context.Registration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code stop()} and {@code close()} against the run of one action. Only one thread ends the context; all that the others see
 * of the end is the action.
 */
@SuppressWarnings("MustBeClosed")
@Timeout(600)
final class StopLinearizabilityTests {

    @Test
    void anActionOnTheEndingThreadIsTakenBackOrRunsToItsEnd() {
        Linearizability.modelCheck(RunAtOnce.class, RunAtOnceInTurn.class, 3);
    }

    @Test
    void anActionInAQueueIsTakenBackOrRunsToItsEnd() {
        Linearizability.modelCheck(RunFromAQueue.class, RunFromAQueueInTurn.class, 2);
    }

    /** Two steps, so that a run can be seen half done. */
    private static final class Action implements Runnable {
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();

        @Override
        public void run() {
            begun.incrementAndGet();
            ended.incrementAndGet();
        }

        String seen() {
            int runs = begun.get();
            return ended.get() != runs ? "runs" : runs == 0 ? "does not run" : runs + " run";
        }
    }

    public static class RunAtOnce {
        private final CancelableContext context = new ManualTime().root().withCancel();
        private final Action action = new Action();
        private final Registration registration = context.onDone(action, Runnable::run);
        private boolean stopped;

        @Operation(nonParallelGroup = "end")
        public boolean cancel() {
            return context.cancel();
        }

        @Operation
        public boolean stop() {
            boolean byThis = registration.stop();
            stopped |= byThis;
            return byThis;
        }

        /** What has become of the action when {@code close()} returns. */
        @Operation
        public String close() {
            registration.close();
            return action.seen();
        }

        @Validate
        public void atRest() {
            check(!stopped || action.seen().equals("does not run"), "the action was taken back and runs");
            check(Links.of(context) <= 1, "the context holds on to more than the action");
            check(!context.isDone() || Links.of(context) == 0, "the context holds on to the action");
            check(!stopped || Links.of(context) == 0, "the context holds on to what was taken back");
        }
    }

    public static class RunAtOnceInTurn {
        boolean done;
        boolean stopped;
        boolean ran;

        public boolean cancel() {
            boolean first = !done;
            done = true;
            if (!stopped) {
                ran = true;
            }
            return first;
        }

        public boolean stop() {
            boolean byThis = !ran && !stopped;
            stopped |= byThis;
            return byThis;
        }

        public String close() {
            stop();
            return ran ? "1 run" : "does not run";
        }
    }

    public static class RunFromAQueue {
        private final Queue<Runnable> queue = new ArrayDeque<>();
        private final CancelableContext context = new ManualTime().root().withCancel();
        private final Action action = new Action();
        private final Registration registration = context.onDone(action, queue::add);

        @Operation(nonParallelGroup = "end")
        public boolean cancel() {
            return context.cancel();
        }

        /** Runs what is in the queue; only one thread does. */
        @Operation(nonParallelGroup = "queue")
        public String work() {
            Runnable next = queue.poll();
            if (next != null) {
                next.run();
            }
            return action.seen();
        }

        @Operation
        public boolean stop() {
            return registration.stop();
        }

        @Operation
        public String close() {
            registration.close();
            return action.seen();
        }

        @Validate
        public void atRest() {
            check(!context.isDone() || Links.of(context) == 0, "the context holds on to the action");
        }
    }

    public static class RunFromAQueueInTurn {
        private boolean done;
        private boolean stopped;
        private boolean ran;

        public boolean cancel() {
            boolean first = !done;
            done = true;
            return first;
        }

        public String work() {
            ran |= done && !stopped;
            return ran ? "1 run" : "does not run";
        }

        public boolean stop() {
            boolean byThis = !ran && !stopped;
            stopped |= byThis;
            return byThis;
        }

        public String close() {
            stop();
            return ran ? "1 run" : "does not run";
        }
    }
}
