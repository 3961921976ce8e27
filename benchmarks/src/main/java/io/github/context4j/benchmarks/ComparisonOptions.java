package io.github.context4j.benchmarks;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;

/** What the command line asks for. */
final class ComparisonOptions {
    static final String USAGE = """
            usage: benchmarks/compare [--quick] [--rounds N] [--rows REGEX] [--peers REGEX] [--list]
              --quick        short runs, and one round
              --rounds N     how often each benchmark is run (3)
              --rows REGEX   only the operations in whose name it is found
              --peers REGEX  only these beside ours, by their names in the table; ^$ for none
              --list         prints the operations and who does them, and runs nothing""";

    private static final Pattern ALL = Pattern.compile("");

    Effort effort = Effort.FULL;
    int rounds = 3;
    boolean list;
    private Pattern rows = ALL;
    private Pattern peers = ALL;

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if it is not as in the usage
     */
    static ComparisonOptions parse(List<String> arguments) {
        ComparisonOptions options = new ComparisonOptions();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            try {
                options.read(option, rest);
            } catch (NoSuchElementException e) {
                throw new IllegalArgumentException(option + ": (expected: a value)", e);
            }
        }
        return options;
    }

    private void read(String option, Iterator<String> rest) {
        switch (option) {
            case "--quick" -> {
                effort = Effort.QUICK;
                rounds = 1;
            }
            case "--rounds" -> rounds = Math.max(1, Integer.parseInt(rest.next()));
            case "--rows" -> rows = Pattern.compile(rest.next(), Pattern.CASE_INSENSITIVE);
            case "--peers" -> peers = Pattern.compile(rest.next(), Pattern.CASE_INSENSITIVE);
            case "--list" -> list = true;
            default -> throw new IllegalArgumentException(option + ": (expected: an option of the usage)");
        }
    }

    List<Row> rows() {
        return Rows.all().stream()
                .filter(row -> rows.matcher(row.title()).find())
                .toList();
    }

    boolean wants(Peer peer) {
        return peer == Peer.OURS || peers.matcher(peer.title).find();
    }
}
