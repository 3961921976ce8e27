package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.ManualTime;
import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.DeadlineHeader.Format;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.Mode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.client.RestClient;

/** What a service is told of its caller's context. */
@Timeout(60)
class OutboundHeaderTests {
    private static final String PATH = "/whole/told";
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final HttpFixture http = new HttpFixture(Mode.ENFORCE);

    @AfterEach
    void close() throws Exception {
        http.close();
    }

    @ParameterizedTest
    @EnumSource
    void theCallersDeadlineGoesAlongIfItIsEarlier(HttpKind kind) {
        within(TEN_SECONDS, http.client(kind, "grpc"));
        assertThat(Format.GRPC.read(told("grpc-timeout"))).isBetween(Duration.ofMillis(1), TEN_SECONDS);
    }

    @Test
    void theTimeOutOfTheDependencyGoesAlongIfItIsEarlier() {
        within(Duration.ofHours(1), http.client(HttpKind.JDK, "grpc"));
        assertThat(Format.GRPC.read(told("grpc-timeout"))).isBetween(Duration.ofMillis(10_001), Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @CsvSource({"envoy, x-envoy-expected-rq-timeout-ms", "custom, x-time-left"})
    void theHeaderIsTheOneThatIsSet(String dependency, String header) {
        within(TEN_SECONDS, http.client(HttpKind.JDK, dependency));
        assertThat(Format.MILLIS.read(told(header))).isBetween(Duration.ofMillis(1), TEN_SECONDS);
        assertThat(http.server.header(PATH, "grpc-timeout")).isEmpty();
    }

    @Test
    void whatSelectsNothingIsToldWhatTheNamedCallSays() {
        Dependency grpc = new Dependency("grpc", TEN_SECONDS, false, propagation());
        Context.background().run(() -> new Dependencies(List.of(grpc), http.calls)
                .named("grpc")
                .run(() -> get(http.client(HttpKind.JDK))));
        assertThat(http.server.header(PATH, "grpc-timeout")).hasSize(1);
    }

    @Test
    void whoIsSelectedIsNotToldWhatAnotherMayBe() {
        Dependency grpc = new Dependency("grpc", TEN_SECONDS, false, propagation());
        Context.background().run(() -> new Dependencies(List.of(grpc), http.calls)
                .named("grpc")
                .run(() -> get(http.client(HttpKind.JDK, "plain"))));
        assertThat(http.server.header(PATH, "grpc-timeout")).isEmpty();
    }

    private static Dependency.Propagation propagation() {
        return new Dependency.Propagation(DeadlineHeader.parse("grpc-timeout"), false, false);
    }

    @Test
    void aShorterTimeOfTheApplicationsStays() {
        within(TEN_SECONDS, with(http.client(HttpKind.JDK, "grpc"), "1S"));
        assertThat(told("grpc-timeout")).isEqualTo("1S");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1H", "soon", "-1S"})
    void aLongerTimeOfTheApplicationsAndWhatIsNoneDoNot(String own) {
        within(TEN_SECONDS, with(http.client(HttpKind.JDK, "grpc"), own));
        assertThat(Format.GRPC.read(told("grpc-timeout"))).isBetween(Duration.ofMillis(1), TEN_SECONDS);
    }

    private static RestClient with(RestClient client, String own) {
        return client.mutate().defaultHeader("Grpc-Timeout", own).build();
    }

    @Test
    void nothingLeavesTheProcessUnlessTheDependencyIsToBeTold() {
        http.requestId.set("id-1");
        within(TEN_SECONDS, http.client(HttpKind.JDK, "plain"));
        assertThat(http.server.requests(PATH)).isEqualTo(1);
        for (String header : List.of("grpc-timeout", "x-envoy-expected-rq-timeout-ms", "x-request-id")) {
            assertThat(http.server.header(PATH, header)).as(header).isEmpty();
        }
    }

    @Test
    void withoutAContextNothingIsTold() {
        http.requestId.set("id-1");
        get(http.client(HttpKind.JDK, "grpc"));
        assertThat(http.server.header(PATH, "grpc-timeout")).isEmpty();
        assertThat(http.server.header(PATH, "x-request-id")).isEmpty();
    }

    /** 0 ms would be read as no limit. */
    @Test
    void whatIsTooShortForTheFormatIsNotSentAtAll() throws Exception {
        ManualTime time = new ManualTime();
        try (CancelableContext context = time.root().withTimeout(Duration.ofNanos(999_999))) {
            RestClient envoy = http.client(HttpKind.JDK, "envoy");
            FutureTask<@Nullable Throwable> caller =
                    Threads.PLATFORM.start(() -> context.call(() -> catchThrowable(() -> get(envoy))));
            await().until(() -> http.calls.inFlight().size() == 1 || caller.isDone());
            time.advance(Duration.ofMillis(1));
            assertThat(caller.get(20, TimeUnit.SECONDS)).isInstanceOf(DeadlineExceededException.class);
        }
        assertThat(http.server.accepted()).isZero();
    }

    @Test
    void theIdOfTheRequestGoesAlongWhereItIsWanted() {
        http.requestId.set("id-1");
        within(TEN_SECONDS, http.client(HttpKind.JDK, "grpc"));
        assertThat(told("x-request-id")).isEqualTo("id-1");
        within(TEN_SECONDS, http.client(HttpKind.JDK, "envoy"));
        assertThat(http.server.header(PATH, "x-request-id")).isEmpty();
    }

    @Test
    void anIdOfTheApplicationsStays() {
        http.requestId.set("id-1");
        RestClient client = http.client(HttpKind.JDK, "grpc");
        within(TEN_SECONDS, client.mutate().defaultHeader("X-Request-Id", "own").build());
        assertThat(told("x-request-id")).isEqualTo("own");
    }

    private void within(Duration time, RestClient client) {
        Context.background().runWithin(time, () -> get(client));
    }

    private void get(RestClient client) {
        URI uri = http.server.uri("http", PATH);
        assertThat(client.get().uri(uri).retrieve().body(String.class)).isEqualTo("hello");
    }

    private String told(String header) {
        assertThat(http.server.header(PATH, header)).as(header).hasSize(1);
        return requireNonNull(http.server.header(PATH, header).get(0));
    }
}
