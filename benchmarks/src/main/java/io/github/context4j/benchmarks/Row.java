package io.github.context4j.benchmarks;

import io.github.context4j.benchmarks.Sample.Metric;
import java.util.List;
import java.util.stream.Stream;

/**
 * One line of the comparison for ours, and one for each peer.
 *
 * @param title with the unit
 * @param what is run
 * @param metric which of its figures is shown
 * @param divisor from that figure to the one shown
 * @param goal for ours
 * @param peers who is run for it, ours first
 */
record Row(String title, Case what, Metric metric, double divisor, Goal goal, List<Peer> peers) {
    /** A row of nanoseconds. */
    static Row of(String title, Case what, Goal goal, Peer... peers) {
        return of(title, what, Metric.TIME, 1, goal, peers);
    }

    static Row of(String title, Case what, Metric metric, double divisor, Goal goal, Peer... peers) {
        List<Peer> all = Stream.concat(Stream.of(Peer.OURS), Stream.of(peers)).toList();
        return new Row(title, what, metric, divisor, goal, all);
    }

    double value(Sample sample) {
        return sample.get(metric) / divisor;
    }

    /** The CPU time, in the unit of the row. */
    double cpu(Sample sample) {
        return sample.cpuNanos() / divisor;
    }

    /** Whether an operation is all that runs, so that its CPU time says something. */
    boolean whole() {
        return metric == Metric.TIME;
    }

    /**
     * Whether the goal is met if the CPU time is: on a machine that has other things to do the wall time says more of those.
     * Not with several threads, which may take little CPU time because they wait for each other.
     */
    boolean cpuSuffices() {
        return whole() && what.threads() == 1;
    }

    /** Whether what is allocated is the operation's own, not its preparation's. */
    boolean bytes() {
        return whole() && what.topic() != CancelBenchmark.class;
    }
}
