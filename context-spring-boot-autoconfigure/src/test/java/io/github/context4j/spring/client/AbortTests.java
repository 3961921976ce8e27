package io.github.context4j.spring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.DependencyTimeoutException;
import io.github.context4j.spring.Mode;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Every client is made to let go in every phase, by every end of the context, on both kinds of threads. */
@Timeout(120)
class AbortTests {
    /** Ten times the goal, for most; some client has to load its classes first, and machines stop for seconds at times. */
    private static final Duration MEDIAN_CEILING = Duration.ofMillis(2_500);

    /** Less than after what any client would give up by itself. */
    private static final Duration CEILING = Duration.ofSeconds(10);

    private static final List<Long> nanosToAbort = new CopyOnWriteArrayList<>();

    /** Anew for each test: what Jetty and Reactor go on connecting for their pools would meet the next one. */
    private final HttpFixture http = new HttpFixture(Mode.ENFORCE);

    @AfterEach
    void nothingIsLeft() throws Exception {
        http.server.readUploads();
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> {
                    http.server.closeUnfinishedHandshakes(); // and those that were finished meanwhile
                    assertThat(http.server.open()).as("open connections").isZero();
                    assertThat(http.calls.inFlight()).isEmpty();
                });
        http.close();
    }

    @AfterAll
    static void mostAbortsWerePrompt() {
        List<Long> sorted = nanosToAbort.stream().sorted().toList();
        assertThat(Duration.ofNanos(sorted.get(sorted.size() / 2))).isLessThan(MEDIAN_CEILING);
    }

    static Stream<Arguments> all() {
        return EnumSet.of(HttpKind.JDK, HttpKind.HTTP_COMPONENTS, HttpKind.JETTY, HttpKind.REACTOR).stream()
                .flatMap(kind -> Stream.of(Phase.values()).flatMap(phase -> Stream.of(Threads.values())
                        .filter(Threads::isPresent)
                        .map(threads -> Arguments.of(kind, phase, threads))));
    }

    static Stream<Arguments> deadlines() {
        return all().filter(arguments ->
                Boolean.getBoolean("context4j.stress") || arguments.get()[2] == Threads.PLATFORM);
    }

    @ParameterizedTest
    @MethodSource("all")
    void aCanceledContextAbortsTheExchange(HttpKind kind, Phase phase, Threads threads) throws Exception {
        Call call = new Call(kind, phase);
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<@Nullable Throwable> caller = threads.start(() -> call.failure(context, http.client(kind)));
            call.awaitStall();
            long canceled = System.nanoTime();
            context.cancel();
            @Nullable Throwable failure = caller.get(CEILING.toMillis(), TimeUnit.MILLISECONDS);
            nanosToAbort.add(System.nanoTime() - canceled);
            assertThat(failure).satisfies(thrown -> isEnded(thrown, CanceledException.class, phase));
        }
        call.assertEnded("http", "canceled");
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void theDeadlineOfTheCallerAbortsTheExchange(HttpKind kind, Phase phase, Threads threads) throws Exception {
        Call call = new Call(kind, phase);
        try (CancelableContext context = Context.background().withTimeout(HttpFixture.SHORT)) {
            FutureTask<@Nullable Throwable> caller = threads.start(() -> call.failure(context, http.client(kind)));
            @Nullable Throwable failure = caller.get(CEILING.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(failure).satisfies(thrown -> isEnded(thrown, DeadlineExceededException.class, phase));
        }
        call.assertEnded("http", "deadline_exceeded");
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void theTimeOutOfTheDependencyAbortsTheExchangeAndLeavesTheCallerActive(HttpKind kind, Phase phase, Threads threads)
            throws Exception {
        Call call = new Call(kind, phase);
        RestClient brief = http.client(kind)
                .mutate()
                .apply(ContextRestClients.dependency("brief"))
                .build();
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<@Nullable Throwable> caller = threads.start(() -> call.failure(context, brief));
            @Nullable Throwable failure = caller.get(CEILING.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(context.isDone()).isFalse();
            assertThat(failure).satisfies(thrown -> isTimeout(thrown, phase));
        }
        call.assertEnded("brief", "deadline_exceeded");
    }

    private static void isEnded(@Nullable Throwable failure, Class<? extends Throwable> type, Phase phase) {
        if (failure == null) {
            assertThat(phase).isEqualTo(Phase.DRAIN); // there was a head, and nobody wanted the body
        } else if (failure instanceof RestClientException) { // a parser wraps what it meets
            assertThat(phase).isEqualTo(Phase.JSON);
            assertThat(failure).hasRootCauseInstanceOf(type);
        } else {
            assertThat(failure).isInstanceOf(type);
        }
    }

    private static void isTimeout(@Nullable Throwable failure, Phase phase) {
        if (failure == null) {
            assertThat(phase).isEqualTo(Phase.DRAIN); // as above
            return;
        }
        boolean head = EnumSet.of(Phase.CONNECT, Phase.TLS, Phase.HEADERS, Phase.REDIRECT, Phase.UPLOAD)
                .contains(phase);
        assertThat(failure)
                .isInstanceOf(head ? ResourceAccessException.class : RestClientException.class)
                .hasRootCauseInstanceOf(DependencyTimeoutException.class);
        assertThat(causes(failure)).hasAtLeastOneElementOfType(HttpTimeoutException.class);
    }

    private static Stream<Throwable> causes(@Nullable Throwable failure) {
        return Stream.iterate(failure, t -> t != null, Throwable::getCause);
    }

    /** One call that stalls. */
    private final class Call {
        private final String id = UUID.randomUUID().toString();
        private final HttpKind kind;
        private final Phase phase;
        private final URI uri;
        private final String path;
        private final int acceptedBefore = http.server.accepted();

        Call(HttpKind kind, Phase phase) {
            this.kind = kind;
            this.phase = phase;
            this.uri = phase.uri(http.server, kind + "-" + id);
            this.path = uri.getPath();
        }

        @Nullable
        Throwable failure(Context context, RestClient client) {
            @Nullable Throwable failure = context.call(() -> catchThrowable(() -> phase.call(client, uri)));
            assertThat(Thread.currentThread().isInterrupted()).as("interrupted").isFalse();
            return failure;
        }

        void awaitStall() {
            await().pollInterval(Duration.ofMillis(5)).until(() -> switch (phase) {
                case CONNECT -> http.calls.inFlight().size() == 1;
                case TLS -> http.server.accepted() > acceptedBefore;
                case REDIRECT -> http.server.requests(path.replace("/redirect/", "/headers/")) == 1;
                default -> http.server.requests(path) == 1;
            });
        }

        void assertEnded(String dependency, String outcome) {
            await().untilAsserted(() -> assertHasEnded(dependency, outcome));
        }

        private void assertHasEnded(String dependency, String outcome) {
            assertThat(http.server.requests(path))
                    .as("requests")
                    .isLessThanOrEqualTo(1); // 0: too slow for the deadline
            if (phase == Phase.DRAIN
                    && kind == HttpKind.JETTY) { // it closes what it has not read, if it has the head by then
                assertThat(http.ended)
                        .containsAnyOf(dependency + " GET completed", dependency + " GET " + outcome)
                        .hasSize(1);
                return;
            }
            assertThat(http.ended).containsExactly(dependency + " " + phase.method() + " " + outcome);
        }
    }
}
