package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.logging.Logger;
import kotlinx.coroutines.Job;
import kotlinx.coroutines.JobKt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Canceling what has many descendants, children of one parent or a chain. The trees are built before each invocation,
 * outside the time measured; so many of them that reading the clock does not count.
 */
public final class CancelBenchmark {
    private static final String CHAIN = "chain";
    private static final int CHAIN_LENGTH = 1_000;
    private static final int BATCH = 10_000;

    private CancelBenchmark() {}

    /** How many trees of {@code descendants} one invocation cancels. */
    static int trees(int descendants) {
        return Math.max(1, BATCH / descendants);
    }

    /**
     * Trees of one implementation.
     *
     * @param <C> its contexts
     */
    @State(Scope.Benchmark)
    public abstract static class Trees<C> extends AverageTimeBenchmark {
        /** The number of children, or {@code chain}. */
        @Param({"10", "100", "1000", "10000", "100000", CHAIN})
        private String shape = CHAIN;

        private final List<C> roots = new ArrayList<>();

        abstract C root();

        abstract C child(C parent);

        abstract void cancel(C root);

        @Setup(Level.Invocation)
        public void grow() {
            boolean chain = shape.equals(CHAIN);
            int descendants = chain ? CHAIN_LENGTH : Integer.parseInt(shape);
            roots.clear();
            for (int i = 0; i < trees(descendants); i++) {
                C root = root();
                C parent = root;
                for (int j = 0; j < descendants; j++) {
                    C child = child(parent);
                    parent = chain ? child : root;
                }
                roots.add(root);
            }
            CpuTimeProfiler.startOnThread();
        }

        @TearDown(Level.Invocation)
        public void stop() {
            CpuTimeProfiler.stopOnThread();
        }

        @Benchmark
        public void cancelAll() {
            for (C root : roots) {
                cancel(root);
            }
        }
    }

    public static class Ours extends Trees<CancelableContext> {
        @Override
        @SuppressWarnings("MustBeClosed") // canceled
        CancelableContext root() {
            return Context.background().withCancel();
        }

        @Override
        @SuppressWarnings("MustBeClosed") // by its parent
        CancelableContext child(CancelableContext parent) {
            return parent.withCancel();
        }

        @Override
        void cancel(CancelableContext root) {
            root.cancel();
        }
    }

    public static class Grpc extends Trees<io.grpc.Context.CancellableContext> {
        private static final io.grpc.Context.CancellationListener LISTENER = context -> {};

        /** Would report each chain of 1,000, with its stack. */
        private static final Logger LOGGER = Logger.getLogger(io.grpc.Context.class.getName());

        public Grpc() {
            LOGGER.setLevel(java.util.logging.Level.OFF);
        }

        @Override
        io.grpc.Context.CancellableContext root() {
            return io.grpc.Context.ROOT.withCancellation();
        }

        /** With a listener, for a child without one is not entered into the tree. */
        @Override
        io.grpc.Context.CancellableContext child(io.grpc.Context.CancellableContext parent) {
            io.grpc.Context.CancellableContext child = parent.withCancellation();
            child.addListener(LISTENER, Runnable::run);
            return child;
        }

        @Override
        void cancel(io.grpc.Context.CancellableContext root) {
            root.cancel(null);
        }
    }

    public static class Kotlin extends Trees<Job> {
        @Override
        Job root() {
            return JobKt.Job((Job) null);
        }

        @Override
        Job child(Job parent) {
            return JobKt.Job(parent);
        }

        @Override
        void cancel(Job root) {
            root.cancel((CancellationException) null);
        }
    }
}
