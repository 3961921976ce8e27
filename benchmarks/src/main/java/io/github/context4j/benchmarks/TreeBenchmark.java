package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.util.concurrent.CancellationException;
import kotlin.Unit;
import kotlinx.coroutines.Job;
import kotlinx.coroutines.JobKt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Deriving, asking and listening, without deadlines; ours and the peers that have it. */
public final class TreeBenchmark {
    private TreeBenchmark() {}

    @State(Scope.Benchmark)
    public static class Ours extends AverageTimeBenchmark {
        @SuppressWarnings("MustBeClosed") // lives as long as its JVM
        private final CancelableContext parent = Context.background().withCancel();

        /** Until a context has ended, the class that says how is not loaded, and asking is not compiled as it is later on. */
        public Ours() {
            try (CancelableContext context = Context.background().withCancel()) {
                context.cancel();
            }
        }

        @Benchmark
        public Context cancel() {
            try (CancelableContext context = Context.background().withCancel()) {
                return context;
            }
        }

        @Benchmark
        public Context cancelUnderALiveParent() {
            try (CancelableContext context = parent.withCancel()) {
                return context;
            }
        }

        @Benchmark
        public Context.State state() {
            return parent.state();
        }

        @Benchmark
        public boolean onDoneAndStop() {
            return parent.onDone(() -> {}, Runnable::run).stop();
        }
    }

    @State(Scope.Benchmark)
    public static class Grpc extends AverageTimeBenchmark {
        /** After so many children their parent is replaced: it forgets none that had a listener. */
        private static final int CHILDREN = 1_000;

        private static final io.grpc.Context.CancellationListener LISTENER = context -> {};

        private final io.grpc.Context live = io.grpc.Context.ROOT.withCancellation();
        private io.grpc.Context parent = io.grpc.Context.ROOT.withCancellation();
        private int children;

        @Benchmark
        public io.grpc.Context cancel() {
            try (io.grpc.Context.CancellableContext context = io.grpc.Context.ROOT.withCancellation()) {
                return context;
            }
        }

        /** With a listener, for a child without one is not entered into the tree. */
        @Benchmark
        public io.grpc.Context cancelUnderALiveParent() {
            if (++children % CHILDREN == 0) {
                parent = io.grpc.Context.ROOT.withCancellation();
            }
            try (io.grpc.Context.CancellableContext context = parent.withCancellation()) {
                context.addListener(LISTENER, Runnable::run);
                return context;
            }
        }

        @Benchmark
        public boolean state() {
            return live.isCancelled();
        }

        @Benchmark
        public io.grpc.Context onDoneAndStop() {
            io.grpc.Context.CancellationListener listener = context -> {};
            live.addListener(listener, Runnable::run);
            live.removeListener(listener);
            return live;
        }
    }

    @State(Scope.Benchmark)
    public static class Kotlin extends AverageTimeBenchmark {
        private final Job parent = JobKt.Job((Job) null);

        @Benchmark
        public Job cancel() {
            Job job = JobKt.Job((Job) null);
            job.cancel((CancellationException) null);
            return job;
        }

        @Benchmark
        public Job cancelUnderALiveParent() {
            Job job = JobKt.Job(parent);
            job.cancel((CancellationException) null);
            return job;
        }

        @Benchmark
        public boolean state() {
            return parent.isActive();
        }

        @Benchmark
        public Job onDoneAndStop() {
            parent.invokeOnCompletion(cause -> Unit.INSTANCE).dispose();
            return parent;
        }
    }
}
