package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.netty.util.HashedWheelTimer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How late deadlines of 1 to 20 ms are, a few at a time, on a machine that does nothing else. An operation is the firing of
 * all of them and its time means nothing; what counts are the counters {@code p50} and {@code p99}, in microseconds.
 */
public final class LatenessBenchmark {
    private static final int AT_A_TIME = 4;

    private LatenessBenchmark() {}

    /** The counters of one iteration. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Lateness {
        public double p50;
        public double p99;
    }

    /** An action that tells how late it runs. */
    @State(Scope.Benchmark)
    @Warmup(iterations = 1, time = 1, timeUnit = TimeUnit.MILLISECONDS)
    @Measurement(iterations = 1, time = 1, timeUnit = TimeUnit.MILLISECONDS)
    @Fork(1)
    public abstract static class Deadlines extends AverageTimeBenchmark {
        @Param("2000")
        private int deadlines;

        /** Runs {@code action} after {@code nanos}; the result is closed after it ran. */
        abstract AutoCloseable arm(long nanos, Runnable action);

        @Benchmark
        public void fire(Lateness lateness) throws Exception {
            long[] late = new long[deadlines];
            Random random = new Random(42); // the same for all
            for (int i = 0; i < deadlines; i += AT_A_TIME) {
                fireSome(late, i, Math.min(AT_A_TIME, deadlines - i), random);
            }
            Arrays.sort(late);
            lateness.p50 = late[deadlines / 2] / 1e3;
            lateness.p99 = late[deadlines * 99 / 100] / 1e3;
        }

        private void fireSome(long[] late, int from, int count, Random random) throws Exception {
            CountDownLatch fired = new CountDownLatch(count);
            AutoCloseable[] armed = new AutoCloseable[count];
            for (int i = 0; i < count; i++) {
                long nanos = TimeUnit.MILLISECONDS.toNanos(1) + random.nextInt(19_000_000);
                int index = from + i;
                long due = System.nanoTime() + nanos;
                armed[i] = arm(nanos, () -> {
                    late[index] = System.nanoTime() - due;
                    fired.countDown();
                });
            }
            fired.await();
            for (AutoCloseable timer : armed) {
                timer.close();
            }
        }
    }

    public static class Ours extends Deadlines {
        @Override
        @SuppressWarnings("MustBeClosed") // by the caller
        AutoCloseable arm(long nanos, Runnable action) {
            CancelableContext context = Context.background().withTimeout(Duration.ofNanos(nanos));
            context.onDone(action, Runnable::run);
            return context;
        }
    }

    /** The timers of the JDK. */
    public abstract static class Scheduled extends Deadlines {
        private final ScheduledExecutorService scheduler;

        Scheduled(ScheduledExecutorService scheduler) {
            this.scheduler = scheduler;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        AutoCloseable arm(long nanos, Runnable action) {
            scheduler.schedule(action, nanos, TimeUnit.NANOSECONDS);
            return () -> {};
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

    public static class Netty extends Deadlines {
        private final HashedWheelTimer timer = Schedulers.wheel(1);

        @Override
        AutoCloseable arm(long nanos, Runnable action) {
            timer.newTimeout(timeout -> action.run(), nanos, TimeUnit.NANOSECONDS);
            return () -> {};
        }
    }
}
