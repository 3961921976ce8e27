package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.spring.Mode;
import java.net.URI;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.web.client.RestClient;

/** The cancellation comes with the last byte, or with the head: what comes out is the whole body or an exception. */
@Timeout(300)
class RaceTests {
    private static final int CALLS = Boolean.getBoolean("context4j.stress") ? 3_000 : 300;

    private final Random random = new Random(4711);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SIMPLE")
    void aBodyIsWholeOrAnException(HttpKind kind) throws Exception {
        try (HttpFixture http = new HttpFixture(Mode.ENFORCE)) {
            RestClient client = http.client(kind);
            int whole = 0;
            for (int i = 0; i < CALLS; i++) {
                Threads threads = i % 2 == 0 && Threads.VIRTUAL.isPresent() ? Threads.VIRTUAL : Threads.PLATFORM;
                String path = (i % 3 == 0 ? "/headrace/" : "/race/") + kind + i;
                whole += race(http, client, path, threads) ? 1 : 0;
                assertThat(http.server.requests(path)).as("requests").isLessThanOrEqualTo(1);
            }
            assertThat(whole).as("how often the body won").isBetween(1, CALLS - 1);
            assertNothingIsLeft(http, kind == HttpKind.JDK ? 2 + CALLS / 5 : 2);
        }
    }

    /** Returns whether the body came. */
    private boolean race(HttpFixture http, RestClient client, String path, Threads threads) throws Exception {
        URI uri = http.server.uri("http", path);
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<@Nullable Object> caller = threads.start(() -> outcome(context, client, uri));
            http.server.awaitRequest(path);
            long head = random.nextInt(2_500_000) - 500_000L; // the head is on its way yet
            if (head > 0) {
                http.server.lastByte(path).countDown();
                LockSupport.parkNanos(head);
                context.cancel();
            } else {
                context.cancel();
                LockSupport.parkNanos(-head);
                http.server.lastByte(path).countDown();
            }
            Object outcome = requireNonNull(caller.get(5, TimeUnit.SECONDS));
            assertThat(outcome).as(path).isIn("hello", "canceled");
            return outcome.equals("hello");
        }
    }

    /** The cancellation comes with the head, and nothing follows: whoever waits for the rest is let go all the same. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SIMPLE")
    void aBodyThatStallsIsAlwaysGivenUp(HttpKind kind) throws Exception {
        try (HttpFixture http = new HttpFixture(Mode.ENFORCE)) {
            RestClient client = http.client(kind);
            for (int i = 0; i < CALLS; i++) {
                Threads threads = i % 2 == 0 && Threads.VIRTUAL.isPresent() ? Threads.VIRTUAL : Threads.PLATFORM;
                stall(http, client, (i % 3 == 0 ? "/chunked/" : "/body/") + kind + i, threads);
            }
            assertNothingIsLeft(http, kind == HttpKind.JDK ? CALLS / 5 : 0);
        }
    }

    private void stall(HttpFixture http, RestClient client, String path, Threads threads) throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<@Nullable Object> caller =
                    threads.start(() -> outcome(context, client, http.server.uri("http", path)));
            http.server.awaitRequest(path);
            LockSupport.parkNanos(random.nextInt(600_000));
            context.cancel();
            assertThat(caller.get(5, TimeUnit.SECONDS)).as(path).isEqualTo("canceled");
        }
    }

    private static String outcome(Context context, RestClient client, URI uri) {
        try {
            return context.<String, RuntimeException>call(
                    () -> requireNonNull(client.get().uri(uri).retrieve().body(String.class)));
        } catch (CanceledException e) {
            return "canceled";
        } catch (RuntimeException e) {
            return e.toString();
        } finally {
            assertThat(Thread.currentThread().isInterrupted()).as("interrupted").isFalse();
        }
    }

    /**
     * What is open is an idle connection or two. With the JDK's client it may be more: an interrupt that meets the response
     * makes Spring drop it unread, and nobody else knows of it; see docs/design.md.
     */
    private static void assertNothingIsLeft(HttpFixture http, int idle) {
        await().untilAsserted(() -> {
            assertThat(http.calls.inFlight()).isEmpty();
            assertThat(http.server.open()).as("open connections").isLessThanOrEqualTo(idle);
        });
    }
}
