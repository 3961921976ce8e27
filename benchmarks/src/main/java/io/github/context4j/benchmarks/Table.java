package io.github.context4j.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** All samples, and the table of their medians in Markdown; ratios are those of pairs taken one after the other. */
final class Table {
    private record Run(Case what, Peer peer) {}

    private final Map<Run, List<Sample>> samples = new HashMap<>();

    /** Adds a sample; the n-th of each run belong together. */
    void add(Case what, Peer peer, Sample sample) {
        samples.computeIfAbsent(new Run(what, peer), key -> new ArrayList<>()).add(sample);
    }

    private List<Sample> samples(Case what, Peer peer) {
        return samples.getOrDefault(new Run(what, peer), List.of());
    }

    String markdown(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        line(text, List.of("operation", "who", "", "x ours", "CPU", "CPU x ours", "B", "goal", "met"));
        line(text, List.of("---", "---", "--:", "--:", "--:", "--:", "--:", "---", "---"));
        for (Row row : rows) {
            for (Peer peer : row.peers()) {
                if (!samples(row.what(), peer).isEmpty()) {
                    line(text, cells(row, peer));
                }
            }
        }
        return text.toString();
    }

    private List<String> cells(Row row, Peer peer) {
        List<Sample> ours = samples(row.what(), Peer.OURS);
        List<Sample> theirs = samples(row.what(), peer);
        double value = median(theirs, row::value);
        boolean us = peer == Peer.OURS;
        return List.of(
                us ? row.title() : "",
                us ? "**ours**" : peer.title,
                Double.isNaN(value) ? theirs.get(0).note() : Figures.plain(value),
                us ? "" : Figures.times(ratio(theirs, ours, row::value)),
                row.whole() ? Figures.plain(median(theirs, row::cpu)) : "",
                us || !row.whole() ? "" : Figures.times(ratio(theirs, ours, row::cpu)),
                row.bytes() ? Figures.plain(median(theirs, Sample::bytes)) : "",
                us ? row.goal().text() : "",
                us ? met(row) : "");
    }

    /** Yes, no, or by the CPU time alone; empty if there is no goal, or nothing to hold ours against. */
    private String met(Row row) {
        Goal goal = row.goal();
        List<Sample> ours = samples(row.what(), Peer.OURS);
        if (Double.isNaN(goal.atMost() * reference(row, row::value) * median(ours, row::value))) {
            return "";
        }
        if (row.bytes() && median(ours, Sample::bytes) > goal.bytes() + 0.5) { // a trace is the JVM's own
            return "**no**, bytes";
        }
        if (reaches(row, row::value)) {
            return "yes";
        }
        return row.cpuSuffices() && reaches(row, row::cpu) ? "by CPU" : "**no**";
    }

    private boolean reaches(Row row, ToDoubleFunction<Sample> figure) {
        return median(samples(row.what(), Peer.OURS), figure) <= row.goal().atMost() * reference(row, figure);
    }

    private double reference(Row row, ToDoubleFunction<Sample> figure) {
        Peer than = row.goal().than();
        if (than != null) {
            return median(samples(row.what(), than), figure);
        }
        Case as = row.goal().as();
        return as == null ? 1 : median(samples(as, Peer.OURS), figure);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        return Figures.median(samples.stream().mapToDouble(figure));
    }

    private static double ratio(List<Sample> theirs, List<Sample> ours, ToDoubleFunction<Sample> figure) {
        double[] ratios = new double[Math.min(theirs.size(), ours.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(theirs.get(i)) / figure.applyAsDouble(ours.get(i));
        }
        return Figures.median(Arrays.stream(ratios));
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
