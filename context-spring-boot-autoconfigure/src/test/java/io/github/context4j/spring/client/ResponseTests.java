package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpResponse;

@Timeout(60)
class ResponseTests {
    private HttpFixture http;

    @BeforeEach
    void open() {
        http = new HttpFixture(Mode.ENFORCE);
    }

    @AfterEach
    void close() throws Exception {
        http.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SIMPLE")
    void aResponseThatNobodyReadsOrClosesIsAborted(HttpKind kind) throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            ClientHttpResponse response = context.call(() -> request(kind, "/body/unread"));
            assertThat(http.calls.inFlight()).hasSize(1);
            context.cancel();
            await().until(() -> http.server.open() == 0);
            await().untilAsserted(() -> assertThat(http.ended).containsExactly("http GET canceled"));
            assertThat(http.calls.inFlight()).isEmpty();
            assertThatThrownBy(() -> response.getBody().read()).isInstanceOf(CanceledException.class);
            response.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWholeResponseIsAsItWasAndCounted(HttpKind kind) throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            String body = context.call(() -> requireNonNull(
                    http.client(kind).get().uri(uri("/whole/1")).retrieve().body(String.class)));
            assertThat(body).isEqualTo("hello");
        }
        assertThat(http.ended).containsExactly("http GET completed");
    }

    @ParameterizedTest
    @EnumSource
    void aFailureThatIsNotTheContextsIsAsItWas(HttpKind kind) {
        try (CancelableContext context = Context.background().withCancel()) {
            for (String path : new String[] {"/cut/1", "/reset/1"}) {
                @Nullable
                Throwable failure = catchThrowable(() -> context.<RuntimeException>run(() -> readBytes(kind, path)));
                if (kind != HttpKind.SIMPLE || path.startsWith("/reset")) { // HttpURLConnection says nothing of a cut
                    assertThat(failure).isNotNull();
                    assertThat(ContextException.in(requireNonNull(failure))).isNull();
                }
            }
        }
        if (kind != HttpKind.SIMPLE) {
            assertThat(http.ended).isNotEmpty().allMatch("http GET failed"::equals);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAContextNothingIsDone(HttpKind kind) {
        http.client(kind).get().uri(uri("/whole/1")).retrieve().toBodilessEntity();
        assertThat(http.ended).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aContextThatHasEndedSendsNothing(HttpKind kind) {
        try (CancelableContext context = Context.background().withCancel()) {
            context.cancel();
            assertThatThrownBy(() -> context.call(() -> request(kind, "/whole/1")))
                    .isInstanceOf(CanceledException.class);
        }
        assertThat(http.server.accepted()).isZero();
        assertThat(http.ended).containsExactly("http GET canceled");
    }

    @ParameterizedTest
    @EnumSource
    void uploadsStream(HttpKind kind) throws Exception {
        assertThat(http.factory(kind).createRequest(uri("/upload/1"), HttpMethod.POST))
                .isInstanceOf(StreamingHttpOutputMessage.class);
    }

    @Test
    void theClientsOwnExceptionIsSuppressedAndNeverACause() throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<@Nullable Throwable> caller = Threads.PLATFORM.start(
                    () -> context.call(() -> catchThrowable(() -> request(HttpKind.HTTP_COMPONENTS, "/headers/1"))));
            await().until(() -> http.server.requests("/headers/1") == 1);
            context.cancel();
            Throwable failure = requireNonNull(caller.get(5, TimeUnit.SECONDS));
            assertThat(failure).isInstanceOf(CanceledException.class).hasNoCause();
            assertThat(failure.getSuppressed()).hasSize(1);
        }
    }

    /** A body that is closed from another thread may look like one that has ended. */
    @Test
    void aCleanEndUnderAContextThatHasEndedIsNotBelieved() {
        try (CancelableContext context = Context.background().withCancel()) {
            Dependency dependency = new Dependency("any", null);
            ClientCall call = new ClientCall(context.call(() -> http.calls.begin(dependency, "GET")), dependency);
            InputStream body = new InputStream() {
                @Override
                public int read() {
                    return read(new byte[1], 0, 1);
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    context.cancel();
                    return -1;
                }
            };
            assertThatThrownBy(() -> call.execute(() -> new GuardedBody(call, body, false).read()))
                    .isInstanceOf(CanceledException.class);
        }
        assertThat(http.ended).containsExactly("any GET canceled");
    }

    /** On a platform thread nothing ends a read of HttpURLConnection. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void onVirtualThreadsTheSimpleClientObeysToo() throws Exception {
        for (String path : new String[] {"/headers/simple", "/body/simple"}) {
            try (CancelableContext context = Context.background().withCancel()) {
                FutureTask<@Nullable Throwable> caller = Threads.VIRTUAL.start(() ->
                        catchThrowable(() -> context.<RuntimeException>run(() -> readBytes(HttpKind.SIMPLE, path))));
                await().until(() -> http.server.requests(path) > 0);
                context.cancel();
                assertThat(caller.get(5, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
            }
        }
    }

    private ClientHttpResponse request(HttpKind kind, String path) throws IOException {
        return http.factory(kind).createRequest(uri(path), HttpMethod.GET).execute();
    }

    private void readBytes(HttpKind kind, String path) {
        http.client(kind).get().uri(uri(path)).retrieve().body(byte[].class);
    }

    private URI uri(String path) {
        return http.server.uri("http", path);
    }
}
