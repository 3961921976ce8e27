package io.github.context4j.snippets;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

/** The examples of docs/mistakes.md; those that are wrong do what the page says that they do. */
final class MistakesTests {
    private final ManualTime time = new ManualTime();
    private final Context ctx = time.root();
    private final CompletableFuture<Void> firstCallerLeft = new CompletableFuture<>();

    private String slow() {
        time.advance(ofMillis(200));
        Context.current().throwIfDone();
        return "late";
    }

    private String derivedButNotCurrent() {
        // @start region="derived but not current, wrong"
        try (var timed = ctx.withTimeout(ofMillis(50))) {
            return slow(); // nobody told it
        }
        // @end
    }

    private String derivedAndCurrent() {
        // @start region="derived but not current"
        return ctx.callWithin(ofMillis(50), () -> slow());
        // @end
    }

    @Test
    void aContextThatIsNotCurrentGovernsNothing() {
        assertThat(derivedButNotCurrent()).isEqualTo("late");
        assertThatThrownBy(this::derivedAndCurrent).isInstanceOf(DeadlineExceededException.class);
    }

    private int importing(List<String> rows, List<String> skipped) {
        int stored = 0;
        // @start region="swallowed, wrong"
        for (String row : rows) {
            try {
                store(row);
                stored++;
            } catch (RuntimeException e) {
                skipped.add(row); // all of the rest, once the context has ended
            }
        }
        // @end
        return stored;
    }

    private int importingUntilTheEnd(List<String> rows, List<String> skipped) {
        int stored = 0;
        // @start region="swallowed"
        for (String row : rows) {
            try {
                store(row);
                stored++;
            } catch (ContextException e) {
                throw e;
            } catch (RuntimeException e) {
                skipped.add(row);
            }
        }
        // @end
        return stored;
    }

    private static void store(String row) {
        Context.current().throwIfDone();
        if (row.isBlank()) {
            throw new IllegalArgumentException("blank");
        }
    }

    @Test
    void theEndIsNoFailureOfARow() {
        List<String> rows = List.of("a", " ", "b");
        List<String> skipped = new ArrayList<>();
        assertThat(importing(rows, skipped)).isEqualTo(2);
        assertThat(importingUntilTheEnd(rows, new ArrayList<>())).isEqualTo(2);
        assertThat(skipped).containsExactly(" ");

        try (var canceled = ctx.withCancel()) {
            canceled.cancel();
            canceled.run(() -> assertThat(importing(rows, new ArrayList<>())).isZero());
            assertThatThrownBy(() -> canceled.run(() -> importingUntilTheEnd(rows, new ArrayList<>())))
                    .isInstanceOf(ContextException.class);
        }
    }

    private static void cleanUp(List<String> files) {
        Context ctx = Context.current();
        // @start region="clean-up"
        try {
            ctx.throwIfDone();
            files.add("more");
        } finally {
            ctx.withoutCancel().runWithin(ofSeconds(5), () -> delete(files));
        }
        // @end
    }

    private static void delete(List<String> files) {
        Context.current().throwIfDone();
        files.clear();
    }

    @Test
    void cleaningUpIsDoneUnderAContextOfItsOwn() {
        List<String> files = new ArrayList<>(List.of("temporary"));
        try (var canceled = ctx.withCancel()) {
            canceled.cancel();
            assertThatThrownBy(() -> canceled.run(() -> cleanUp(files))).isInstanceOf(ContextException.class);
        }
        assertThat(files).isEmpty();
    }

    private String shared(ConcurrentMap<String, CompletableFuture<String>> loads, String key) throws Exception {
        Context ctx = Context.current();
        // @start region="shared load"
        var load = loads.computeIfAbsent(
                key, k -> CompletableFuture.supplyAsync(ctx.withoutCancel().wrapSupplier(() -> read(k))));
        return ctx.await(load); // each waits as long as its own context lasts; the load goes on
        // @end
    }

    private String read(String key) {
        firstCallerLeft.join();
        Context.current().throwIfDone();
        return "value of " + key;
    }

    @Test
    void aSharedLoadOutlivesItsFirstCaller() throws Exception {
        ConcurrentMap<String, CompletableFuture<String>> loads = new ConcurrentHashMap<>();
        try (var first = ctx.withCancel()) {
            first.cancel();
            assertThatThrownBy(() -> first.call(() -> shared(loads, "key"))).isInstanceOf(ContextException.class);
        }
        firstCallerLeft.complete(null);
        assertThat(ctx.<String, Exception>call(() -> shared(loads, "key"))).isEqualTo("value of key");
    }
}
