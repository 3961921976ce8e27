package io.github.context4j.benchmarks;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** Numbers for people. */
final class Figures {
    private Figures() {}

    /** Three digits or all of the integer ones, empty for what is not a number. */
    static String plain(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        if (value < 0.005) {
            return "0";
        }
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
        return decimals == 0 ? text : text.replaceFirst("\\.?0+$", "");
    }

    /** As {@link #plain}, with a sign of multiplication. */
    static String times(double ratio) {
        return Double.isNaN(ratio) ? "" : plain(ratio) + "x";
    }

    /** The median of those that are numbers; not a number if none is. */
    static double median(DoubleStream values) {
        double[] sorted = values.filter(Double::isFinite).sorted().toArray();
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
