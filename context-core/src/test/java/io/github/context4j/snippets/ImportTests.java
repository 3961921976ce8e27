package io.github.context4j.snippets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How to test what is left behind when work is canceled. */
final class ImportTests {
    // @start region="import"
    static void importAll(List<String> rows, Consumer<String> store) {
        for (String row : rows) {
            Context.current().throwIfDone();
            store.accept(row);
        }
    }
    // @end

    // @start region="canceled before"
    @Test
    void importsNothingForACallerWhoHasLeft() {
        List<String> stored = new ArrayList<>();
        try (CancelableContext ctx = Context.background().withCancel()) {
            ctx.cancel();

            assertThatThrownBy(() -> ctx.run(() -> importAll(List.of("a", "b"), stored::add)))
                    .isInstanceOf(CanceledException.class);
        }
        assertThat(stored).isEmpty();
    }
    // @end

    // @start region="canceled at every step"
    @Test
    void stopsAtTheNextRowWhereverTheCallerLeaves() {
        List<String> rows = List.of("a", "b", "c", "d");
        for (int last = 1; last < rows.size(); last++) {
            int leavesAfter = last;
            List<String> stored = new ArrayList<>();
            try (CancelableContext ctx = Context.background().withCancel()) {
                assertThatThrownBy(() -> ctx.run(() -> importAll(rows, row -> {
                            stored.add(row);
                            if (stored.size() == leavesAfter) {
                                ctx.cancel();
                            }
                        })))
                        .isInstanceOf(CanceledException.class);
            }
            assertThat(stored).isEqualTo(rows.subList(0, leavesAfter));
        }
    }
    // @end

    // @start region="every iteration"
    static long sum(Context ctx, long[] numbers) {
        long sum = 0;
        for (long number : numbers) {
            ctx.throwIfDone();
            sum += number;
        }
        return sum;
    }
    // @end

    // @start region="every 1000 iterations"
    static long sumOfBytes(Context ctx, byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (i % 1_000 == 0) {
                ctx.throwIfDone();
            }
            sum += bytes[i];
        }
        return sum;
    }
    // @end

    @Test
    void sumsUntilItsContextEnds() {
        long[] numbers = IntStream.range(0, 3_000).asLongStream().toArray();
        try (CancelableContext ctx = Context.background().withCancel()) {
            assertThat(sum(ctx, numbers)).isEqualTo(4_498_500);
            assertThat(sumOfBytes(ctx, new byte[] {1, 2, 3})).isEqualTo(6);
            ctx.cancel();
            assertThatThrownBy(() -> sum(ctx, numbers)).isInstanceOf(CanceledException.class);
            assertThatThrownBy(() -> sumOfBytes(ctx, new byte[3_000])).isInstanceOf(CanceledException.class);
        }
    }
}
