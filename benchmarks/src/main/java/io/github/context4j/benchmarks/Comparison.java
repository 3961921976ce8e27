package io.github.context4j.benchmarks;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Measures ours and its peers in turn, round by round, and prints one table in Markdown; {@code benchmarks/compare} starts
 * it. Progress goes to the standard error stream.
 */
public final class Comparison {
    private static final int JDK = Runtime.version().feature();

    private final ComparisonOptions options;
    private final Jmh jmh;
    private final @Nullable Go go;

    /** One run of a round. */
    private record Step(Case what, Peer peer) {}

    private Comparison(ComparisonOptions options) {
        this.options = options;
        this.jmh = new Jmh(options.effort);
        this.go = options.wants(Peer.GO) ? Go.compile(options.effort) : null;
    }

    public static void main(String... args) {
        ComparisonOptions options;
        try {
            options = ComparisonOptions.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + ComparisonOptions.USAGE);
            System.exit(2);
            return;
        }
        if (options.list) {
            options.rows().forEach(row -> System.out.println(row.title() + ": " + names(row.peers())));
        } else {
            new Comparison(options).run();
        }
    }

    private static String names(List<Peer> peers) {
        return peers.stream().map(peer -> peer.title).collect(Collectors.joining(", "));
    }

    private void run() {
        Set<Step> steps = steps();
        Table table = new Table();
        long start = System.nanoTime();
        for (int round = 1; round <= options.rounds; round++) {
            int done = 0;
            for (Step step : steps) {
                System.err.printf(
                        "[%4d s] round %d of %d, ", (System.nanoTime() - start) / 1_000_000_000, round, options.rounds);
                System.err.printf(
                        "%d of %d: %s, %s%n", ++done, steps.size(), step.what().name(), step.peer().title);
                table.add(step.what(), step.peer(), measure(step));
            }
        }
        print(table);
    }

    private void print(Table table) {
        System.out.printf(
                "%s %s, %d processors, %s; rounds: %d%n%n",
                System.getProperty("java.vm.name"),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                go == null ? "no Go" : go.version(),
                options.rounds);
        System.out.print(table.markdown(options.rows()));
    }

    /** In the order of the rows, so that those that are compared run one after the other. */
    private Set<Step> steps() {
        Set<Step> steps = new LinkedHashSet<>();
        for (Row row : options.rows()) {
            for (Peer peer : row.peers()) {
                if (options.wants(peer) && (peer != Peer.GO || go != null)) {
                    steps.add(new Step(row.what(), peer));
                }
            }
        }
        return steps;
    }

    private Sample measure(Step step) {
        if (step.peer() == Peer.GO && go != null) {
            return go.run(step.what());
        }
        int since = Math.max(step.peer().since, step.what().since());
        return JDK < since ? Sample.without("needs JDK " + since) : jmh.run(step.what(), step.peer());
    }
}
