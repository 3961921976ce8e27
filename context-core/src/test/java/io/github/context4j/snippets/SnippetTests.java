package io.github.context4j.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All Java that the documentation shows is compiled, and most of it run: each block is one of the regions, between
 * {@code // @start} and {@code // @end}, of the classes in a {@code snippets} package of the tests of any module.
 */
final class SnippetTests {
    private static final Path PROJECT = project();
    private static final Pattern REGION =
            Pattern.compile("^ *// @start region=\"[^\"]+\"\\n(.*?)^ *// @end\\n", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern FENCE = Pattern.compile("^```java\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    /** Up to a brace before an empty line or the end of the comment. */
    private static final Pattern JAVADOC = Pattern.compile(
            "^ *\\* *\\{@snippet[^:]*:\\n(.*?)^ *\\* *\\}$(?=\\n *\\*(?:$|/))", Pattern.DOTALL | Pattern.MULTILINE);

    private static final Pattern BEFORE_COMMENT = Pattern.compile("(?<=\\S) +//");

    private static final List<String> REGIONS = sources("test")
            .filter(file -> file.resolveSibling("").endsWith("snippets"))
            .flatMap(file -> found(REGION, read(file)))
            .toList();

    private static Path project() {
        Path directory = Path.of("").toAbsolutePath(); // of the module, or of the project
        return Files.exists(directory.resolve("docs")) ? directory : directory.resolveSibling("");
    }

    /** The sources of all modules. */
    private static Stream<Path> sources(String set) {
        return files(PROJECT, 1)
                .map(module -> module.resolve("src/" + set + "/java"))
                .filter(Files::exists)
                .flatMap(root -> files(root, Integer.MAX_VALUE)
                        .filter(file -> file.toString().endsWith(".java")));
    }

    private static Stream<Path> guides() {
        return Stream.concat(files(PROJECT, 1), files(PROJECT.resolve("docs"), 1))
                .filter(file -> file.toString().endsWith(".md"));
    }

    private static Stream<Path> files(Path root, int depth) {
        try (Stream<Path> all = Files.walk(root, depth)) {
            return all.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> found(Pattern pattern, String text) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            blocks.add(plain(matcher.group(1)));
        }
        return blocks.stream();
    }

    /** Without what depends on where it stands: the indentation, and the spaces in front of a comment. */
    private static String plain(String block) {
        return BEFORE_COMMENT.matcher(block.stripTrailing().stripIndent()).replaceAll(" //");
    }

    static Stream<Named<String>> blocks() {
        Stream<Named<String>> guides =
                guides().flatMap(file -> found(FENCE, read(file)).map(block -> named(file, block)));
        Stream<Named<String>> javadoc = sources("main").flatMap(file -> found(JAVADOC, read(file))
                .map(block -> named(file, plain(block.replaceAll("(?m)^ *\\* ?", "")))));
        return Stream.concat(guides, javadoc);
    }

    private static Named<String> named(Path file, String block) {
        return Named.of(
                PROJECT.relativize(file) + ": " + block.lines().findFirst().orElse(""), block);
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void areCompiledInTheTests(String block) {
        assertThat(REGIONS).contains(block);
    }
}
