package io.github.context4j.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs one benchmark on the JVM, in a JVM of its own. */
final class Jmh {
    private final Effort effort;

    Jmh(Effort effort) {
        this.effort = effort;
    }

    Sample run(Case what, Peer peer) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + what.javaName(peer).replace(".", "\\.") + "$")
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .threads(what.threads())
                .verbosity(VerboseMode.SILENT)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTimeProfiler.class);
        if (!what.parameter().isEmpty()) {
            options.param(what.parameter(), what.value());
        }
        if (!peer.tickMillis.isEmpty() && what.topic() == TimerBenchmark.class) {
            options.param("tickMillis", peer.tickMillis);
        }
        duration(options, what);
        jvm(options, what, peer);
        try {
            Collection<RunResult> results = new Runner(options.build()).run();
            return results.isEmpty() ? Sample.FAILED : sample(results.iterator().next());
        } catch (RunnerException e) {
            return Sample.FAILED; // JMH has told why
        }
    }

    private void duration(ChainedOptionsBuilder options, Case what) {
        switch (what.method()) {
            case "idle" ->
                options.warmupIterations(1)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(1)
                        .measurementTime(TimeValue.seconds(effort.idleSeconds()));
            case "fire" -> {
                TimeValue once = TimeValue.milliseconds(1);
                options.warmupIterations(1)
                        .warmupTime(once)
                        .measurementIterations(1)
                        .measurementTime(once);
                options.param("deadlines", Integer.toString(effort.deadlines()));
            }
            default ->
                options.warmupIterations(effort.warmups())
                        .warmupTime(effort.iteration())
                        .measurementIterations(effort.iterations())
                        .measurementTime(effort.iteration());
        }
    }

    private static void jvm(ChainedOptionsBuilder options, Case what, Peer peer) {
        List<String> arguments = new ArrayList<>();
        if (what.virtual()) {
            arguments.add("-Djmh.executor=VIRTUAL");
        }
        if (peer == Peer.STRUCTURED) {
            arguments.add("--enable-preview");
        }
        if (Runtime.version().feature() >= 24) {
            arguments.add("--sun-misc-unsafe-memory-access=allow"); // JMH's own, without the warning
        }
        options.jvmArgsAppend(arguments.toArray(String[]::new));
    }

    private static Sample sample(RunResult result) {
        return new Sample(
                "",
                result.getPrimaryResult().getScore(),
                secondary(result, "gc.alloc.rate.norm"),
                secondary(result, CpuTimeProfiler.RESULT),
                secondary(result, "p50"),
                secondary(result, "p99"));
    }

    @SuppressWarnings("rawtypes") // as JMH has them
    private static double secondary(RunResult result, String name) {
        for (Map.Entry<String, Result> entry : result.getSecondaryResults().entrySet()) {
            if (entry.getKey().endsWith(name)) {
                return entry.getValue().getScore();
            }
        }
        return Double.NaN;
    }
}
