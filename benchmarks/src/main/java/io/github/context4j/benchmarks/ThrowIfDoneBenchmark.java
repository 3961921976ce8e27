package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs a loop to ask whether its context is done, in nanoseconds per iteration: of an iteration that hashes a short
 * text, the least that one would call work, and of one that adds a byte, where asking every 1,000 is the better habit.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@OperationsPerInvocation(ThrowIfDoneBenchmark.ITERATIONS)
public class ThrowIfDoneBenchmark {
    static final int ITERATIONS = 10_000;
    private static final int EVERY = 1_000;

    /** So few that they stay in the cache: what is measured is not the memory. */
    private static final int DIFFERENT_TEXTS = 256;

    private final byte[] bytes = new byte[ITERATIONS];
    private final byte[][] texts = new byte[ITERATIONS][];

    @SuppressWarnings("MustBeClosed") // by tearDown
    private final CancelableContext request = Context.background().withTimeout(Duration.ofHours(1));

    private final Context context = request.withValue(Context.Key.named("key"), "value");

    @Setup
    public void setUp() {
        for (int i = 0; i < ITERATIONS; i++) {
            bytes[i] = (byte) (i * 31);
            if (i < DIFFERENT_TEXTS) {
                texts[i] = new byte[40];
                Arrays.fill(texts[i], bytes[i]);
            } else {
                texts[i] = texts[i % DIFFERENT_TEXTS];
            }
        }
    }

    @TearDown
    public void tearDown() {
        request.close();
    }

    @Benchmark
    public long hashesWithoutAsking() {
        long sum = 0;
        for (byte[] text : texts) {
            sum += Arrays.hashCode(text);
        }
        return sum;
    }

    @Benchmark
    public long hashesAskingEveryTime() {
        long sum = 0;
        for (byte[] text : texts) {
            context.throwIfDone();
            sum += Arrays.hashCode(text);
        }
        return sum;
    }

    @Benchmark
    public long bytesWithoutAsking() {
        long sum = 0;
        for (byte each : bytes) {
            sum += each;
        }
        return sum;
    }

    @Benchmark
    public long bytesAskingEveryTime() {
        long sum = 0;
        for (byte each : bytes) {
            context.throwIfDone();
            sum += each;
        }
        return sum;
    }

    @Benchmark
    public long bytesAskingEvery1000() {
        long sum = 0;
        for (int i = 0; i < ITERATIONS; i++) {
            if (i % EVERY == 0) {
                context.throwIfDone();
            }
            sum += bytes[i];
        }
        return sum;
    }
}
