package io.github.context4j.benchmarks;

import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How long each benchmark runs in a round.
 *
 * @param warmups before the iterations that count
 * @param iterations that count
 * @param iteration how long one takes
 * @param idleSeconds how long the idle ones sleep
 * @param deadlines how many are fired to see how late they are
 */
record Effort(int warmups, int iterations, TimeValue iteration, int idleSeconds, int deadlines) {
    static final Effort FULL = new Effort(4, 5, TimeValue.milliseconds(500), 10, 2_000);
    static final Effort QUICK = new Effort(3, 3, TimeValue.milliseconds(200), 3, 400);
}
