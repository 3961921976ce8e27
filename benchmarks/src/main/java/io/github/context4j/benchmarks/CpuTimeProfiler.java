package io.github.context4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Tells JMH how much CPU time an operation takes, on whichever threads: what is handed to another thread or left to the garbage
 * collector is not free. Benchmarks that prepare each invocation say which part of their own thread's time counts instead.
 */
public final class CpuTimeProfiler implements InternalProfiler {
    static final String RESULT = "cpu.time.norm";

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** The part of a thread's time that counts, 0 if the whole process does. */
    private static final AtomicLong PART = new AtomicLong();

    private long processStart;

    static void startOnThread() {
        PART.addAndGet(-THREADS.getCurrentThreadCpuTime());
    }

    static void stopOnThread() {
        PART.addAndGet(THREADS.getCurrentThreadCpuTime());
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        PART.set(0);
        processStart = PROCESS.getProcessCpuTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        long part = PART.get();
        long nanos = part > 0 ? part : PROCESS.getProcessCpuTime() - processStart;
        long operations = Math.max(1, result.getMetadata().getAllOps());
        return List.of(new ScalarResult(RESULT, (double) nanos / operations, "ns/op", AggregationPolicy.AVG));
    }

    @Override
    public String getDescription() {
        return "CPU time per operation";
    }
}
