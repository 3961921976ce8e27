package io.github.context4j.benchmarks;

/**
 * What one run of a benchmark said; what it did not say is not a number.
 *
 * @param note why there are no figures, empty if there are
 * @param nanos wall time of an operation
 * @param bytes allocated by it
 * @param cpuNanos CPU time of it, of the whole process
 * @param p50 lateness, in microseconds
 * @param p99 lateness, in microseconds
 */
record Sample(String note, double nanos, double bytes, double cpuNanos, double p50, double p99) {
    /** It was run and ended with a failure, as a stack overflow. */
    static final Sample FAILED = without("fails");

    /** There are no figures. */
    static Sample without(String note) {
        return new Sample(note, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }

    /** What a row is about. */
    enum Metric {
        TIME,
        CPU,
        P50,
        P99
    }

    double get(Metric metric) {
        return switch (metric) {
            case TIME -> nanos;
            case CPU -> cpuNanos;
            case P50 -> p50;
            case P99 -> p99;
        };
    }
}
