package io.github.context4j.benchmarks;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The operations on the tree, each by itself; nanoseconds, and bytes with {@code -prof gc}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ContextTreeBenchmark {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Context.Key<String> KEY = Context.Key.named("key");
    private static final int DEPTH = 10;

    private final List<CancelableContext> live = new ArrayList<>();
    private final CancelableContext parent = Context.background().withCancel();
    private final Context deep = nested(parent.withValue(KEY, "value"), DEPTH - 1);

    /** How many timers of others are armed meanwhile. */
    @Param("40")
    private int liveTimers;

    private static Context nested(Context context, int levels) {
        return levels == 0
                ? context
                : nested(context.withValue(Context.Key.<Integer>named("level"), levels), levels - 1);
    }

    /** Timers that are there and never due, as those of the other requests. */
    @Setup
    @SuppressWarnings("MustBeClosed") // by tearDown
    public void setUp() {
        for (int i = 0; i < liveTimers; i++) {
            live.add(Context.background().withTimeout(Duration.ofSeconds(600 + i)));
        }
    }

    @TearDown
    public void tearDown() {
        live.forEach(CancelableContext::close);
        live.clear();
    }

    @Benchmark
    public Context withCancelAndClose() {
        try (CancelableContext context = Context.background().withCancel()) {
            return context;
        }
    }

    @Benchmark
    public Context withCancelUnderALiveParent() {
        try (CancelableContext context = parent.withCancel()) {
            return context;
        }
    }

    @Benchmark
    public Context withTimeoutAndClose() {
        try (CancelableContext context = Context.background().withTimeout(TIMEOUT)) {
            return context;
        }
    }

    /** What a request costs: a context to cancel it by, and a time-out under that. */
    @Benchmark
    public Context request() {
        try (CancelableContext request = Context.background().withCancel();
                CancelableContext bounded = request.withTimeout(TIMEOUT)) {
            return bounded;
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

    @Benchmark
    public @Nullable String getTenLevelsUp() {
        return deep.get(KEY);
    }

    /** Runs JMH with its own options, on this class unless they say otherwise. */
    public static void main(String... args) throws RunnerException, CommandLineOptionException {
        CommandLineOptions options = new CommandLineOptions(args);
        OptionsBuilder all = new OptionsBuilder();
        all.parent(options);
        if (options.getIncludes().isEmpty()) {
            all.include(ContextTreeBenchmark.class.getName());
        }
        new Runner(all.build()).run();
    }
}
