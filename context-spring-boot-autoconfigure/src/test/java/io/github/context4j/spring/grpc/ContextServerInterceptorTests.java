package io.github.context4j.spring.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.RequestTimeoutException;
import io.github.context4j.spring.ShutdownException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextServerInterceptorTests {
    private static final GrpcPair.Settings DEFAULTS = new GrpcPair.Settings();

    /** Waits until its context has ended, and hands out what it was and how it ended. */
    private static final class Waiting extends TestService {
        final CompletableFuture<Context> begun = new CompletableFuture<>();
        final CompletableFuture<Context> ended = new CompletableFuture<>();
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        protected void unary(String request, ServerCallStreamObserver<String> response) throws Exception {
            if (request.equals("warm up")) {
                super.unary(request, response);
                return;
            }
            Context context = Context.current();
            begun.complete(context);
            try {
                if (request.equals("until told")) {
                    GrpcPair.awaitLatch(go);
                } else {
                    context.sleep(GrpcPair.PATIENCE);
                }
                super.unary(request, response);
            } finally {
                ended.complete(context);
            }
        }

        Context hasBegun() throws Exception {
            return begun.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        Context hasEnded() throws Exception {
            return ended.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Keeps what the client gets. */
    static final class Answer extends ClientCall.Listener<String> {
        final CompletableFuture<Status> status = new CompletableFuture<>();
        final List<String> messages = new CopyOnWriteArrayList<>();

        @Override
        public void onMessage(String message) {
            messages.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            this.status.complete(status);
        }

        Status closed() throws Exception {
            return status.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static ClientCall<String, String> begin(
            Channel channel, MethodDescriptor<String, String> method, String message, Answer answer) {
        ClientCall<String, String> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(answer, new Metadata());
        call.request(100);
        call.sendMessage(message);
        if (method != TestService.CHAT) {
            call.halfClose();
        }
        return call;
    }

    private static Status call(Channel channel, String message) throws Exception {
        Answer answer = new Answer();
        begin(channel, TestService.UNARY, message, answer);
        return answer.closed();
    }

    /** The deadline in the header alone, so that the client does not cancel when it passes. */
    private static Channel withDeadlineHeader(Channel channel, Duration time) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), time.toMillis() + "m");
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static @Nullable LiveContext live() {
        return Context.current().get(LiveContext.KEY);
    }

    @Test
    void theContextIsCurrentWhereverTheServiceIsCalled() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        List<LiveContext> contexts = new CopyOnWriteArrayList<>();
        TestService service = new TestService() {
            private void see(String where) {
                LiveContext live = live();
                seen.add(where + " " + (live == null ? null : live.name()) + " "
                        + Context.current().state());
                if (live != null) {
                    contexts.add(live);
                }
            }

            @Override
            protected void unary(String request, ServerCallStreamObserver<String> response) throws Exception {
                see("unary");
                super.unary(request, response);
            }

            @Override
            protected StreamObserver<String> chat(ServerCallStreamObserver<String> response) throws Exception {
                see("chat");
                StreamObserver<String> echo = super.chat(response);
                response.setOnReadyHandler(() -> see("ready"));
                response.setOnCloseHandler(() -> see("close"));
                return new StreamObserver<>() {
                    @Override
                    public void onNext(String message) {
                        see("next");
                        echo.onNext(message);
                    }

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onCompleted() {
                        see("completed");
                        echo.onCompleted();
                    }
                };
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            assertThat(call(pair.channel, "hello").isOk()).isTrue();
            Answer answer = new Answer();
            begin(pair.channel, TestService.CHAT, "one", answer).halfClose();
            assertThat(answer.closed().isOk()).isTrue();
            assertThat(answer.messages).containsExactly("one");
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("COMPLETED none", "COMPLETED none");
            assertThat(pair.left).isEmpty();
        }
        assertThat(seen)
                .contains(
                        "unary gRPC test.Service/unary ACTIVE",
                        "chat gRPC test.Service/chat ACTIVE",
                        "ready gRPC test.Service/chat ACTIVE",
                        "next gRPC test.Service/chat ACTIVE",
                        "completed gRPC test.Service/chat ACTIVE",
                        "close gRPC test.Service/chat ACTIVE");
        assertThat(contexts.stream().distinct()).hasSize(2);
        assertThat(contexts).allMatch(live -> live.context().isDone());
    }

    @Test
    void aClientThatCancelsEndsTheContext() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            Answer answer = new Answer();
            ClientCall<String, String> call =
                    begin(withDeadlineHeader(pair.channel, GrpcPair.PATIENCE), TestService.UNARY, "wait", answer);
            assertThat(service.hasBegun().state()).isEqualTo(Context.State.ACTIVE);
            call.cancel("enough", null);
            Context context = service.hasEnded();
            assertThat(context.state()).isEqualTo(Context.State.CANCELED);
            assertThat(context.cause()).isInstanceOf(ClientDisconnectedException.class);
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("CANCELED client_disconnected");
            assertThat(pair.left).containsExactly(ClientDisconnectedException.Kind.RESET);
        }
    }

    /** Nothing of the service runs then, so that what gRPC tells its context and the listener races. */
    @Test
    void aClientThatCancelsAnIdleStreamEndsTheContext() throws Exception {
        BlockingQueue<Context> contexts = new LinkedBlockingQueue<>();
        TestService service = new TestService() {
            @Override
            protected StreamObserver<String> chat(ServerCallStreamObserver<String> response) throws Exception {
                contexts.add(Context.current());
                return super.chat(response);
            }
        };
        int calls = 500;
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            for (int i = 0; i < calls; i++) {
                ClientCall<String, String> call = begin(pair.channel, TestService.CHAT, "one", new Answer());
                Context context = contexts.poll(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(context).isNotNull();
                call.cancel("enough", null);
                await().pollInterval(Duration.ofNanos(100_000))
                        .atMost(GrpcPair.PATIENCE)
                        .until(context::isDone);
                assertThat(context.cause()).isInstanceOf(ClientDisconnectedException.class);
            }
            pair.assertNothingIsLeft();
            assertThat(pair.requests).hasSize(calls).containsOnly("CANCELED client_disconnected");
            assertThat(pair.left).hasSize(calls);
        }
    }

    @Test
    void aConnectionThatBreaksEndsTheContext() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            begin(pair.channel, TestService.UNARY, "wait", new Answer());
            service.hasBegun();
            pair.channel.shutdownNow();
            assertThat(service.hasEnded().cause()).isInstanceOf(ClientDisconnectedException.class);
        }
    }

    @Test
    void theCallersDeadlineEndsTheContextAtItsTime() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS.withTimeout(GrpcPair.PATIENCE), service)) {
            long start = System.nanoTime();
            begin(withDeadlineHeader(pair.channel, Duration.ofMillis(800)), TestService.UNARY, "wait", new Answer());
            Context context = service.hasEnded();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(799));
            assertThat(context.state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
            assertThat(context.cause())
                    .isInstanceOfSatisfying(RequestTimeoutException.class, cause -> assertThat(cause.isCallers())
                            .isTrue());
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("DEADLINE_EXCEEDED caller_deadline");
            assertThat(pair.left).isEmpty();
        }
    }

    @Test
    void aClientThatCancelsBecauseItsDeadlineIsPassingIsNotGone() throws Exception {
        BlockingQueue<Context> contexts = new LinkedBlockingQueue<>();
        TestService service = new TestService() {
            @Override
            protected void unary(String request, ServerCallStreamObserver<String> response) {
                contexts.add(Context.current());
            }
        };
        int calls = 3;
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            for (int i = 0; i < calls; i++) {
                ClientCall<String, String> call = begin(
                        withDeadlineHeader(pair.channel, Duration.ofMillis(800)), TestService.UNARY, "", new Answer());
                Context context = contexts.poll(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(context).isNotNull();
                await().pollInterval(Duration.ofMillis(1))
                        .atMost(GrpcPair.PATIENCE)
                        .until(() -> context.deadline() != null
                                && context.deadline().remaining().toMillis() < 40);
                call.cancel("my deadline", null);
                await().atMost(GrpcPair.PATIENCE).until(context::isDone);
                assertThat(context.state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
                assertThat(context.cause()).isInstanceOf(RequestTimeoutException.class);
                pair.assertNothingIsLeft();
            }
            assertThat(pair.requests).hasSize(calls).containsOnly("DEADLINE_EXCEEDED caller_deadline");
            assertThat(pair.left).isEmpty();
        }
    }

    @Test
    void theTimeoutOfRequestsIsThatOfUnaryCalls() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS.withTimeout(Duration.ofMillis(50)), service)) {
            Status status = call(withDeadlineHeader(pair.channel, GrpcPair.PATIENCE), "wait");
            assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(status.getDescription()).isEqualTo("The call took longer than it may.");
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("DEADLINE_EXCEEDED request_timeout");
        }
    }

    @Test
    void aStreamHasTheCallersDeadlineOnly() throws Exception {
        List<Boolean> bounded = new CopyOnWriteArrayList<>();
        TestService service = new TestService() {
            @Override
            protected void stream(String request, ServerCallStreamObserver<String> response) throws Exception {
                bounded.add(Context.current().deadline() != null);
                super.stream(request, response);
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS.withTimeout(Duration.ofMillis(50)), service)) {
            for (Channel channel : List.of(pair.channel, withDeadlineHeader(pair.channel, GrpcPair.PATIENCE))) {
                Answer answer = new Answer();
                begin(channel, TestService.STREAM, "", answer);
                assertThat(answer.closed().isOk()).isTrue();
            }
        }
        assertThat(bounded).containsExactly(false, true);
    }

    @Test
    void theEndOfTheGracePeriodIsUnavailable() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            Answer answer = new Answer();
            begin(pair.channel, TestService.UNARY, "wait", answer);
            service.hasBegun();
            pair.root.cancel(ShutdownException.graceOver(Duration.ofMillis(10)));
            assertThat(answer.closed().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("CANCELED shutdown");
        }
    }

    /** How a service can fail. */
    enum Failing {
        CANCELED(Status.Code.CANCELLED),
        LATE(Status.Code.DEADLINE_EXCEEDED),
        WRAPPED(Status.Code.DEADLINE_EXCEEDED),
        TOLD(Status.Code.DEADLINE_EXCEEDED),
        TOLD_BY_ANOTHER_SERVER(Status.Code.DEADLINE_EXCEEDED),
        THROWN_BY_ANOTHER_STUB(Status.Code.CANCELLED),
        CHOSEN(Status.Code.DATA_LOSS),
        ORDINARY(Status.Code.UNKNOWN);

        private final Status.Code expected;

        Failing(Status.Code expected) {
            this.expected = expected;
        }

        void fail(StreamObserver<String> response) {
            ContextException canceled = canceled();
            ContextException late = late();
            switch (this) {
                case CANCELED -> throw canceled;
                case LATE -> throw late;
                case WRAPPED -> throw new IllegalStateException("failed", late);
                case TOLD -> response.onError(late);
                case TOLD_BY_ANOTHER_SERVER ->
                    response.onError(Status.DEADLINE_EXCEEDED
                            .withDescription("theirs")
                            .withCause(late)
                            .asRuntimeException());
                case THROWN_BY_ANOTHER_STUB ->
                    throw Status.CANCELLED.withCause(canceled).asRuntimeException();
                case CHOSEN ->
                    response.onError(Status.DATA_LOSS.withCause(canceled).asRuntimeException());
                case ORDINARY -> throw new IllegalStateException("ordinary");
            }
        }

        private static ContextException canceled() {
            try (var context = Context.background().withCancel()) {
                context.cancel();
                return ended(context);
            }
        }

        private static ContextException late() {
            try (var context = Context.background().withTimeout(Duration.ZERO)) {
                return ended(context);
            }
        }

        private static ContextException ended(Context context) {
            return catchThrowableOfType(ContextException.class, context::throwIfDone);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureBecauseOfAContextHasTheStatusThatSaysSo(Failing failing) throws Exception {
        TestService service = new TestService() {
            @Override
            protected void unary(String request, ServerCallStreamObserver<String> response) {
                failing.fail(response);
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            Status status = call(pair.channel, "");
            assertThat(status.getCode()).isEqualTo(failing.expected);
            if (failing == Failing.TOLD_BY_ANOTHER_SERVER) {
                assertThat(status.getDescription()).isEqualTo("theirs");
            }
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("COMPLETED none");
        }
    }

    @Test
    void aStreamThatFailedIsCalledNoMore() throws Exception {
        BlockingQueue<String> called = new LinkedBlockingQueue<>();
        CountDownLatch allSent = new CountDownLatch(1);
        TestService service = new TestService() {
            @Override
            protected StreamObserver<String> chat(ServerCallStreamObserver<String> response) throws Exception {
                StreamObserver<String> echo = super.chat(response);
                response.request(10);
                GrpcPair.awaitLatch(allSent);
                return new StreamObserver<>() {
                    @Override
                    public void onNext(String message) {
                        called.add(message);
                        if (message.equals("two")) {
                            throw Failing.late();
                        }
                        echo.onNext(message);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        called.add("error");
                    }

                    @Override
                    public void onCompleted() {
                        called.add("completed");
                    }
                };
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            Answer answer = new Answer();
            ClientCall<String, String> call = begin(pair.channel, TestService.CHAT, "one", answer);
            call.sendMessage("two");
            call.sendMessage("three");
            call.halfClose();
            allSent.countDown();
            assertThat(answer.closed().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(answer.messages).containsExactly("one");
            pair.assertNothingIsLeft();
        }
        assertThat(called).containsExactly("one", "two");
    }

    @Test
    void whatBeginsTooLateIsNotBegun() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS.withTimeout(Duration.ofMillis(50)), service)) {
            Answer answer = new Answer();
            ClientCall<String, String> call = pair.channel.newCall(TestService.UNARY, CallOptions.DEFAULT);
            call.start(answer, new Metadata());
            call.request(2);
            call.sendMessage("wait");
            await().atMost(GrpcPair.PATIENCE).until(() -> pair.live.all().stream()
                    .anyMatch(live -> live.context().isDone()));
            call.halfClose();
            assertThat(answer.closed().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(service.begun).isNotDone();
        }
    }

    @Test
    void aCallThatItsCallerLeftTooLittleTimeIsRefused() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS.withMinBudget(Duration.ofSeconds(5)), service)) {
            Status status = call(withDeadlineHeader(pair.channel, Duration.ofSeconds(4)), "wait");
            assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(status.getDescription()).isEqualTo("The caller left too little time for the call.");
            assertThat(call(withDeadlineHeader(pair.channel, Duration.ofMinutes(1)), "warm up")
                            .isOk())
                    .isTrue();
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("DEADLINE_EXCEEDED caller_deadline", "COMPLETED none");
            assertThat(service.begun).isNotDone();
        }
    }

    @Test
    void whatIsObservedGoesOn() throws Exception {
        Waiting service = new Waiting();
        GrpcPair.Settings settings = DEFAULTS.withTimeout(Duration.ofMillis(1)).observing();
        try (GrpcPair pair = new GrpcPair(settings, service)) {
            ClientCall<String, String> call = begin(pair.channel, TestService.UNARY, "until told", new Answer());
            assertThat(service.hasBegun().deadline()).isNull();
            call.cancel("enough", null);
            await().atMost(GrpcPair.PATIENCE).until(() -> !pair.left.isEmpty());
            assertThat(service.hasBegun().isDone()).isFalse();
            service.go.countDown();
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("CANCELED client_disconnected");
            assertThat(call(pair.channel, "warm up").isOk()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientEndsOnlyWhatTheSettingsSay(boolean safe) throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS.endingWithClient(MethodDescriptor::isSafe), service)) {
            MethodDescriptor<String, String> method = safe ? TestService.SAFE : TestService.UNARY;
            ClientCall<String, String> call = begin(pair.channel, method, "until told", new Answer());
            Context context = service.hasBegun();
            call.cancel("enough", null);
            await().atMost(GrpcPair.PATIENCE).until(() -> !pair.left.isEmpty());
            assertThat(context.isDone()).isEqualTo(safe);
            service.go.countDown();
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly(safe ? "CANCELED client_disconnected" : "COMPLETED none");
        }
    }

    @Test
    void whatIsCalledAfterTheEndHasItsValuesAndSomeTime() throws Exception {
        CompletableFuture<Context> canceled = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        TestService service = new TestService() {
            @Override
            protected void unary(String request, ServerCallStreamObserver<String> response) {
                response.setOnCancelHandler(() -> {
                    if (!Context.current().isDone()) {
                        canceled.complete(Context.current());
                    }
                });
                response.onNext("never seen");
                begun.countDown();
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            ClientCall<String, String> call = begin(pair.channel, TestService.UNARY, "", new Answer());
            GrpcPair.awaitLatch(begun);
            call.cancel("enough", null);
            Context afterwards = canceled.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(afterwards.get(LiveContext.KEY)).isNotNull();
            assertThat(afterwards.deadline()).isNotNull();
            await().atMost(GrpcPair.PATIENCE).until(afterwards::isDone); // closed when the handler has returned
        }
    }

    @Test
    void anAnswerFromAnotherThreadKeepsTheContextOpen() throws Exception {
        CompletableFuture<StreamObserver<String>> responses = new CompletableFuture<>();
        CompletableFuture<Context> contexts = new CompletableFuture<>();
        TestService service = new TestService() {
            @Override
            protected void unary(String request, ServerCallStreamObserver<String> response) {
                contexts.complete(Context.current());
                responses.complete(response);
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            Answer answer = new Answer();
            begin(pair.channel, TestService.UNARY, "", answer);
            StreamObserver<String> response = responses.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            Context context = contexts.join();
            assertThat(context.isDone()).isFalse();
            response.onNext("later");
            response.onCompleted();
            assertThat(answer.closed().isOk()).isTrue();
            assertThat(answer.messages).containsExactly("later");
            pair.assertNothingIsLeft();
            assertThat(context.isDone()).isTrue();
            assertThat(pair.requests).containsExactly("COMPLETED none");
        }
    }

    @Test
    void aClientThatLeavesWhenTheServiceHasAnsweredCancelsNothing() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        TestService service = new TestService() {
            @Override
            protected void unary(String request, ServerCallStreamObserver<String> response) {
                response.onNext("x".repeat(3_000_000)); // more than is sent to a client that does not read
                response.onCompleted();
                answered.countDown();
            }
        };
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            ClientCall<String, String> call = pair.channel.newCall(TestService.UNARY, CallOptions.DEFAULT);
            call.start(new Answer(), new Metadata());
            call.sendMessage("");
            call.halfClose();
            GrpcPair.awaitLatch(answered);
            call.cancel("enough", null);
            pair.assertNothingIsLeft();
            assertThat(pair.requests).containsExactly("COMPLETED none");
            assertThat(pair.left).isEmpty();
        }
    }

    private static ServerInterceptor refusing(RuntimeException failure) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                assertThat(live()).isNotNull();
                throw failure;
            }
        };
    }

    @Test
    void anInterceptorThatFailsLeavesNothingBehind() throws Exception {
        RuntimeException denied = Status.PERMISSION_DENIED.asRuntimeException();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, new TestService(), refusing(denied))) {
            assertThat(call(pair.channel, "").getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
        try (GrpcPair pair = new GrpcPair(DEFAULTS, new TestService(), refusing(Failing.late()))) {
            assertThat(call(pair.channel, "").getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            pair.assertNothingIsLeft();
            assertThat(pair.requests).hasSize(1);
        }
    }

    @Test
    void aClientsOwnDeadlineIsADeadlineOnBothSides() throws Exception {
        Waiting service = new Waiting();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            assertThat(call(pair.channel, "warm up").isOk()).isTrue();
            CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS);
            assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(pair.channel, TestService.UNARY, options, "wait"))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
            assertThat(service.hasEnded().isDone()).isTrue();
        }
    }

    @Test
    void switchedOffItDoesNothing() throws Exception {
        List<Boolean> contexts = new ArrayList<>();
        ServerCallHandler<String, String> handler = (call, headers) -> {
            contexts.add(live() != null);
            return new ServerCall.Listener<>() {};
        };
        ServerCall.Listener<String> listener =
                ContextServerInterceptor.switchedOff().interceptCall(new NoCall(), new Metadata(), handler);
        assertThat(contexts).containsExactly(false);
        assertThat(listener.getClass()).isNotEqualTo(ContextServerCallListener.class);
    }

    private static final class NoCall extends ServerCall<String, String> {
        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(String message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<String, String> getMethodDescriptor() {
            return TestService.UNARY;
        }
    }
}
