package io.github.context4j;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import org.jetbrains.lincheck.datastructures.ManagedStrategyGuarantee;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.util.LoggingLevel;

/**
 * Runs the operations of a subject in all kinds of interleavings, and looks for an order of them, one after the other, in which
 * the specification, which knows nothing of threads, gives the same results. The scenarios come from a fixed seed.
 */
final class Linearizability {
    private static final int SCENARIOS = Race.STRESS ? 30 : 5;
    private static final int INTERLEAVINGS = Race.STRESS ? 2_000 : 120;
    private static final int STRESS_SCENARIOS = Race.STRESS ? 50 : 6;
    private static final int STRESS_RUNS = Race.STRESS ? 5_000 : 200;

    private Linearizability() {}

    /** Lincheck switches threads at every access to shared memory; the interleavings are those of sequential consistency. */
    static void modelCheck(Class<?> subject, Class<?> specification, int threads) {
        new ModelCheckingOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(INTERLEAVINGS)
                .threads(threads)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .addGuarantee(withoutSharedState())
                .logLevel(LoggingLevel.ERROR)
                .sequentialSpecification(specification)
                .check(subject);
    }

    /** Where threads and time are the real ones, chance makes the interleavings. */
    static void stress(Class<?> subject, Class<?> specification, int threads) {
        new StressOptions()
                .iterations(STRESS_SCENARIOS)
                .invocationsPerIteration(STRESS_RUNS)
                .threads(threads)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .logLevel(LoggingLevel.ERROR)
                .sequentialSpecification(specification)
                .check(subject);
    }

    /** No switches inside what computes, nor inside the collections in which the subjects keep their books. */
    private static ManagedStrategyGuarantee withoutSharedState() {
        return forClasses(
                        "java.time.Duration",
                        "java.time.Instant",
                        "java.math.BigInteger",
                        "java.lang.Math",
                        "java.lang.Long",
                        "java.util.Objects",
                        "java.util.ArrayList",
                        "java.util.ArrayDeque",
                        "java.util.concurrent.TimeUnit")
                .allMethods()
                .ignore();
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }

    /** The cause of {@code context} in a form in which results can be compared. */
    static String causeOf(Context context) {
        return String.valueOf(context.cause());
    }
}
