package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A time-out of 30 s that is taken back at once, among those of others. Contexts are derived and closed for it; bare timers
 * armed and disarmed only.
 */
public final class TimerBenchmark {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private TimerBenchmark() {}

    /** Timers of others, due 20 to 60 s after the start: some before, some after those measured, none meanwhile. */
    @State(Scope.Benchmark)
    public abstract static class AmongOthers extends AverageTimeBenchmark {
        @Param({"40", "4000", "400000"})
        private int live;

        private final List<Object> others = new ArrayList<>();

        /** Arms one of them; what is returned is kept. */
        abstract Object arm(long millis);

        @Setup
        public void armOthers() {
            prepare();
            for (int i = 0; i < live; i++) {
                others.add(arm(20_000 + 40_000L * i / live));
            }
        }

        void prepare() {}

        /** A second in which nothing is due; what counts is its CPU time, that of the whole JVM. */
        @Benchmark
        @Warmup(iterations = 1, time = 1)
        @Measurement(iterations = 1, time = 10)
        @Fork(1)
        public void idle() throws InterruptedException {
            TimeUnit.SECONDS.sleep(1);
        }
    }

    public static class Ours extends AmongOthers {
        @SuppressWarnings("MustBeClosed") // lives as long as its JVM
        private final CancelableContext parent = Context.background().withCancel();

        @Override
        @SuppressWarnings("MustBeClosed")
        Object arm(long millis) {
            return Context.background().withTimeout(Duration.ofMillis(millis));
        }

        @Benchmark
        public Context timeout() {
            try (CancelableContext context = Context.background().withTimeout(TIMEOUT)) {
                return context;
            }
        }

        @Benchmark
        public Context timeoutUnderALiveParent() {
            try (CancelableContext context = parent.withTimeout(TIMEOUT)) {
                return context;
            }
        }

        /** A context to cancel the request by, and a time-out under that. */
        @Benchmark
        public Context request() {
            try (CancelableContext request = Context.background().withCancel();
                    CancelableContext bounded = request.withTimeout(TIMEOUT)) {
                return bounded;
            }
        }
    }

    public static class Grpc extends AmongOthers {
        private final ScheduledExecutorService scheduler = Schedulers.threadPool();

        @Override
        Object arm(long millis) {
            return io.grpc.Context.ROOT.withDeadlineAfter(millis, TimeUnit.MILLISECONDS, scheduler);
        }

        @Benchmark
        public io.grpc.Context timeout() {
            try (io.grpc.Context.CancellableContext context =
                    io.grpc.Context.ROOT.withDeadlineAfter(30, TimeUnit.SECONDS, scheduler)) {
                return context;
            }
        }

        @Benchmark
        public io.grpc.Context request() {
            try (io.grpc.Context.CancellableContext request = io.grpc.Context.ROOT.withCancellation();
                    io.grpc.Context.CancellableContext bounded =
                            request.withDeadlineAfter(30, TimeUnit.SECONDS, scheduler)) {
                return bounded;
            }
        }
    }

    /** The timers of the JDK. */
    public abstract static class Scheduled extends AmongOthers {
        private final ScheduledExecutorService scheduler;

        Scheduled(ScheduledExecutorService scheduler) {
            this.scheduler = scheduler;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // kept
        Object arm(long millis) {
            return scheduler.schedule(() -> {}, millis, TimeUnit.MILLISECONDS);
        }

        @Benchmark
        public Future<?> timeout() {
            Future<?> timer = scheduler.schedule(() -> {}, 30, TimeUnit.SECONDS);
            timer.cancel(false);
            return timer;
        }
    }

    public static class ThreadPool extends Scheduled {
        public ThreadPool() {
            super(Schedulers.threadPool());
        }
    }

    public static class ForkJoin extends Scheduled {
        public ForkJoin() {
            super(Schedulers.forkJoin());
        }
    }

    public static class Netty extends AmongOthers {
        @Param({"1", "100"})
        private int tickMillis;

        @SuppressWarnings("NullAway.Init") // by prepare
        private HashedWheelTimer timer;

        @Override
        void prepare() {
            timer = Schedulers.wheel(tickMillis);
        }

        @Override
        Object arm(long millis) {
            return timer.newTimeout(timeout -> {}, millis, TimeUnit.MILLISECONDS);
        }

        @Benchmark
        public Timeout timeout() {
            Timeout armed = timer.newTimeout(timeout -> {}, 30, TimeUnit.SECONDS);
            armed.cancel();
            return armed;
        }
    }
}
