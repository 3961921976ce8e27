package io.github.context4j.spring.grpc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyTimeoutException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContextClientInterceptorTests {
    private static final GrpcPair.Settings DEFAULTS = new GrpcPair.Settings();

    /** Says in milliseconds how long the caller waits, or waits itself until it is canceled. */
    private static final class Service extends TestService {
        final BlockingQueue<String> called = new LinkedBlockingQueue<>();

        @Override
        protected void unary(String request, ServerCallStreamObserver<String> response) throws Exception {
            called.add(request);
            switch (request) {
                case "time" -> {
                    io.grpc.Deadline deadline = io.grpc.Context.current().getDeadline();
                    response.onNext(deadline == null ? "none" : "" + deadline.timeRemaining(TimeUnit.MILLISECONDS));
                    response.onCompleted();
                }
                case "missing" -> response.onError(Status.NOT_FOUND.asRuntimeException());
                case "canceled" -> response.onError(Status.CANCELLED.asRuntimeException());
                case "wait" -> Context.current().sleep(GrpcPair.PATIENCE);
                default -> super.unary(request, response);
            }
        }

        @Override
        protected StreamObserver<String> chat(ServerCallStreamObserver<String> response) throws Exception {
            called.add("chat");
            return super.chat(response);
        }

        void awaitCall() throws InterruptedException {
            assertThat(called.poll(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isNotNull();
        }
    }

    private static String call(Channel channel, CallOptions options, String request) {
        return ClientCalls.blockingUnaryCall(channel, TestService.UNARY, options, request);
    }

    private static String call(Channel channel, String request) {
        return call(channel, CallOptions.DEFAULT, request);
    }

    private static Dependency grpc(Duration timeout) {
        return new Dependency("grpc", timeout);
    }

    @Test
    void theEarliestDeadlineIsThatOfTheCall() throws Exception {
        try (GrpcPair pair = new GrpcPair(DEFAULTS.withDependencies(grpc(Duration.ofSeconds(100))), new Service())) {
            assertThat(call(pair.channel, "time")).isEqualTo("none");
            Context.background().withValue(Context.Key.named("any"), "value").run(() -> {
                assertThat(millis(call(pair.channel, "time"))).isBetween(60_000L, 100_000L);
                Context.current().runWithin(Duration.ofSeconds(50), () -> {
                    assertThat(millis(call(pair.channel, "time"))).isBetween(30_000L, 50_000L);
                    CallOptions shorter = CallOptions.DEFAULT.withDeadlineAfter(25, TimeUnit.SECONDS);
                    assertThat(millis(call(pair.channel, shorter, "time"))).isBetween(10_000L, 25_000L);
                    CallOptions longer = CallOptions.DEFAULT.withDeadlineAfter(75, TimeUnit.SECONDS);
                    assertThat(millis(call(pair.channel, longer, "time"))).isBetween(30_000L, 50_000L);
                });
            });
            assertThat(pair.calls).hasSize(4).containsOnly("grpc COMPLETED");
        }
    }

    private static long millis(String time) {
        return Long.parseLong(time);
    }

    /** How a client can call. */
    enum Stub {
        BLOCKING {
            @Override
            Throwable fail(Channel channel, Runnable begun) {
                return catchThrowableOfType(StatusRuntimeException.class, () -> {
                    begun.run();
                    call(channel, "wait");
                });
            }
        },
        BLOCKING_STREAM {
            @Override
            Throwable fail(Channel channel, Runnable begun) {
                begun.run();
                return catchThrowableOfType(StatusRuntimeException.class, () -> ClientCalls.blockingServerStreamingCall(
                                channel, TestService.STREAM, CallOptions.DEFAULT, "wait")
                        .hasNext());
            }
        },
        FUTURE {
            @Override
            Throwable fail(Channel channel, Runnable begun) throws Exception {
                Future<String> future =
                        ClientCalls.futureUnaryCall(channel.newCall(TestService.UNARY, CallOptions.DEFAULT), "wait");
                begun.run();
                ExecutionException failure = catchThrowableOfType(
                        ExecutionException.class, () -> future.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS));
                return requireNonNull(failure.getCause());
            }
        },
        ASYNC {
            @Override
            Throwable fail(Channel channel, Runnable begun) throws Exception {
                Failure failure = new Failure();
                ClientCalls.asyncUnaryCall(channel.newCall(TestService.UNARY, CallOptions.DEFAULT), "wait", failure);
                begun.run();
                return failure.get();
            }
        },
        CHAT {
            @Override
            Throwable fail(Channel channel, Runnable begun) throws Exception {
                Failure failure = new Failure();
                StreamObserver<String> messages = ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(TestService.CHAT, CallOptions.DEFAULT), failure);
                begun.run();
                messages.onNext("one");
                Throwable thrown = failure.get();
                messages.onNext("after the end");
                messages.onCompleted();
                return thrown;
            }
        };

        abstract Throwable fail(Channel channel, Runnable begun) throws Exception;
    }

    private static final class Failure implements StreamObserver<String> {
        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

        @Override
        public void onNext(String message) {}

        @Override
        public void onError(Throwable t) {
            failure.complete(t);
        }

        @Override
        public void onCompleted() {
            failure.complete(new AssertionError("completed"));
        }

        Throwable get() throws Exception {
            return failure.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallIsCanceledWithItsContext(Stub stub) throws Exception {
        Service service = new Service();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service);
                CancelableContext context = Context.background().withCancel()) {
            Thread canceler = new Thread(() -> {
                try {
                    service.awaitCall();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                context.cancel();
            });
            Throwable failure = context.call(() -> stub.fail(pair.channel, canceler::start));
            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.CANCELLED);
            assertThat(failure).hasCauseInstanceOf(CanceledException.class);
            canceler.join();
            pair.assertNothingIsLeft();
            assertThat(pair.calls).containsExactly("grpc CANCELED");
            assertThat(pair.requests).containsExactly("CANCELED client_disconnected");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTimeoutOfTheDependencyEndsTheCallOnly(Stub stub) throws Exception {
        Service service = new Service();
        GrpcPair.Settings settings = DEFAULTS.withDependencies(grpc(Duration.ofMillis(150)));
        try (GrpcPair pair = new GrpcPair(settings, service);
                CancelableContext context = Context.background().withTimeout(GrpcPair.PATIENCE)) {
            Throwable failure = context.call(() -> stub.fail(pair.channel, () -> {}));
            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(failure)
                    .cause()
                    .isInstanceOf(DeadlineExceededException.class)
                    .hasCauseInstanceOf(DependencyTimeoutException.class);
            assertThat(context.isDone()).isFalse();
            pair.assertNothingIsLeft();
            assertThat(pair.calls).containsExactly("grpc DEADLINE_EXCEEDED");
        }
    }

    @Test
    void everyDeadlineIsTheContextsWhoeverSeesItPassFirst() throws Exception {
        Service service = new Service();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service)) {
            assertThat(call(pair.channel, "warm up")).isEqualTo("warm up");
            for (int i = 0; i < 40; i++) {
                Context.background().runWithin(Duration.ofMillis(20), () -> {
                    StatusRuntimeException failure =
                            catchThrowableOfType(StatusRuntimeException.class, () -> call(pair.channel, "wait"));
                    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
                    assertThat(failure).hasCauseInstanceOf(DeadlineExceededException.class);
                    assertThat(requireNonNull(failure.getCause()).getSuppressed())
                            .hasSize(1);
                });
            }
            assertThat(pair.calls).hasSize(40).containsOnly("grpc DEADLINE_EXCEEDED");
        }
    }

    @Test
    void nothingIsSentUnderAContextThatHasEnded() throws Exception {
        Service service = new Service();
        try (GrpcPair pair = new GrpcPair(DEFAULTS, service);
                CancelableContext context = Context.background().withCancel()) {
            context.cancel();
            for (Stub stub : Stub.values()) {
                Throwable failure = context.call(() -> stub.fail(pair.channel, () -> {}));
                assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.CANCELLED);
                assertThat(failure).hasCauseInstanceOf(CanceledException.class);
            }
            assertThat(call(pair.channel, "a call that arrives")).isNotNull();
            assertThat(service.called).containsExactly("a call that arrives");
            assertThat(pair.calls).hasSize(Stub.values().length).containsOnly("grpc CANCELED");
        }
    }

    @Test
    void whereNoContextIsCurrentCallsAreAsTheyWere() throws Exception {
        Service service = new Service();
        GrpcPair.Settings settings = DEFAULTS.withDependencies(grpc(Duration.ofMillis(1)));
        try (GrpcPair pair = new GrpcPair(settings, service)) {
            assertThat(call(pair.channel, "time")).isEqualTo("none");
            ClientCall<String, String> canceled = pair.channel.newCall(TestService.UNARY, CallOptions.DEFAULT);
            canceled.cancel("never mind", null);
            Context.background().runWithin(GrpcPair.PATIENCE, () -> assertThatIllegalStateException()
                    .isThrownBy(() -> canceled.start(new ClientCall.Listener<>() {}, new Metadata())));
            assertThat(pair.calls).isEmpty();
        }
    }

    @Test
    void aCallBelongsToTheDependencyThatIsNamedInnermost() throws Exception {
        Service service = new Service();
        GrpcPair.Settings settings = DEFAULTS.withDependencies(
                grpc(Duration.ofSeconds(100)),
                new Dependency("inventory", Duration.ofSeconds(50)),
                new Dependency("stock", Duration.ofSeconds(25)));
        try (GrpcPair pair = new GrpcPair(settings, service);
                CancelableContext context = Context.background().withCancel()) {
            Channel inventory = ClientInterceptors.intercept(
                    pair.channel, ContextClientInterceptor.callsTo(pair.dependencies.named("inventory")));
            Channel stock = ClientInterceptors.intercept(
                    inventory, ContextClientInterceptor.callsTo(pair.dependencies.named("stock")));
            context.run(() -> {
                assertThat(millis(call(pair.channel, "time"))).isBetween(60_000L, 100_000L);
                assertThat(millis(call(inventory, "time"))).isBetween(30_000L, 50_000L);
                assertThat(millis(call(stock, "time"))).isBetween(10_000L, 25_000L);
                assertThat(pair.dependencies.<String, RuntimeException>call("inventory", () -> call(stock, "time")))
                        .satisfies(time -> assertThat(millis(time)).isBetween(30_000L, 50_000L));
            });
            assertThat(pair.calls)
                    .containsExactly("grpc COMPLETED", "inventory COMPLETED", "stock COMPLETED", "inventory COMPLETED");
            assertThat(pair.dependencies.isInUse("grpc")).isTrue();
        }
    }

    @Test
    void callbacksRunUnderTheCallersContext() throws Exception {
        Context.Key<String> key = Context.Key.named("key");
        List<String> seen = new CopyOnWriteArrayList<>();
        CompletableFuture<String> closed = new CompletableFuture<>();
        GrpcPair.Settings settings = DEFAULTS.withDependencies(grpc(GrpcPair.PATIENCE));
        try (GrpcPair pair = new GrpcPair(settings, new Service());
                CancelableContext caller = Context.background().withCancel()) {
            caller.withValue(key, "value").run(() -> {
                ClientCall<String, String> call = pair.channel.newCall(TestService.CHAT, CallOptions.DEFAULT);
                call.start(
                        new ClientCall.Listener<>() {
                            private void see(String what) {
                                Context current = Context.current();
                                seen.add(what + " " + current.get(key) + " " + current.state() + " "
                                        + current.deadline());
                            }

                            @Override
                            public void onHeaders(Metadata headers) {
                                see("headers");
                            }

                            @Override
                            public void onMessage(String message) {
                                see("message");
                            }

                            @Override
                            public void onReady() {
                                see("ready");
                            }

                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                see("close");
                                closed.complete(status.getCode().toString());
                            }
                        },
                        new Metadata());
                call.request(1);
                call.sendMessage("one");
                call.halfClose();
            });
            assertThat(closed.get(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo("OK");
            assertThat(seen)
                    .contains(
                            "ready value ACTIVE null",
                            "headers value ACTIVE null",
                            "message value ACTIVE null",
                            "close value ACTIVE null");
        }
    }

    @Test
    void whatTheServerSaysStaysAsItIs() throws Exception {
        GrpcPair.Settings settings = DEFAULTS.withDependencies(grpc(GrpcPair.PATIENCE));
        try (GrpcPair pair = new GrpcPair(settings, new Service())) {
            Context.background().runWithin(GrpcPair.PATIENCE, () -> {
                for (String request : List.of("missing", "canceled")) {
                    StatusRuntimeException failure =
                            catchThrowableOfType(StatusRuntimeException.class, () -> call(pair.channel, request));
                    assertThat(failure).hasNoCause();
                    assertThat(failure.getStatus().getCode())
                            .isEqualTo(request.equals("missing") ? Status.Code.NOT_FOUND : Status.Code.CANCELLED);
                }
            });
            assertThat(pair.calls).containsExactly("grpc FAILED", "grpc FAILED");
        }
    }

    @Test
    void whatIsObservedIsNotLimited() throws Exception {
        GrpcPair.Settings settings =
                DEFAULTS.withDependencies(grpc(Duration.ofNanos(1))).observing();
        try (GrpcPair pair = new GrpcPair(settings, new Service());
                CancelableContext context = Context.background().withCancel()) {
            assertThat(context.<String, RuntimeException>call(() -> call(pair.channel, "time")))
                    .isEqualTo("none");
            assertThat(pair.calls).containsExactly("grpc DEADLINE_EXCEEDED");
        }
    }

    /** A server that accepts connections and says nothing: no call gets as far as being sent. */
    @Test
    void aCallThatWaitsForAConnectionIsCanceled() throws Exception {
        try (GrpcPair pair = new GrpcPair(DEFAULTS, new Service());
                ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                CancelableContext context = Context.background().withCancel()) {
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), silent.getLocalPort()))
                    .usePlaintext()
                    .intercept(new ContextClientInterceptor(pair.dependencies, pair.inFlight))
                    .build();
            try {
                Failure failure = new Failure();
                context.run(() -> ClientCalls.asyncUnaryCall(
                        channel.newCall(TestService.UNARY, CallOptions.DEFAULT.withWaitForReady()), "any", failure));
                assertThat(pair.inFlight.inFlight()).hasSize(1);
                context.cancel();
                assertThat(failure.get()).hasCauseInstanceOf(CanceledException.class);
            } finally {
                channel.shutdownNow();
                assertThat(channel.awaitTermination(GrpcPair.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            }
        }
    }

    /** One on which no call can be started. */
    private static final class BrokenChannel extends Channel {
        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            throw new IllegalStateException("broken");
        }

        @Override
        public String authority() {
            return "broken";
        }
    }

    @Test
    void aCallThatCannotBeMadeIsOver() throws Exception {
        try (GrpcPair pair = new GrpcPair(DEFAULTS, new Service());
                CancelableContext context = Context.background().withCancel()) {
            Channel broken = ClientInterceptors.intercept(
                    new BrokenChannel(), new ContextClientInterceptor(pair.dependencies, pair.inFlight));
            context.run(() -> assertThatIllegalStateException()
                    .isThrownBy(() -> call(broken, "any"))
                    .withMessage("broken"));
            assertThat(pair.calls).containsExactly("grpc FAILED");
            assertThat(pair.inFlight.inFlight()).isEmpty();
        }
    }

    @Test
    void aCallThatWasStartedIsNotStartedAgain() throws Exception {
        try (GrpcPair pair = new GrpcPair(DEFAULTS, new Service());
                CancelableContext context = Context.background().withCancel()) {
            ClientCall<String, String> call = pair.channel.newCall(TestService.UNARY, CallOptions.DEFAULT);
            context.run(() -> {
                call.start(new ClientCall.Listener<>() {}, new Metadata());
                assertThatIllegalStateException()
                        .isThrownBy(() -> call.start(new ClientCall.Listener<>() {}, new Metadata()));
                call.cancel("never mind", null);
                assertThatIllegalStateException().isThrownBy(() -> call.sendMessage("too late"));
            });
            await().atMost(GrpcPair.PATIENCE).until(() -> pair.calls.equals(List.of("grpc FAILED")));
        }
    }

    @Test
    void switchedOffItDoesNothing() throws Exception {
        try (GrpcPair pair = new GrpcPair(DEFAULTS, new Service())) {
            Channel plain = ClientInterceptors.intercept(pair.channel, ContextClientInterceptor.switchedOff());
            assertThat(call(plain, "hello")).isEqualTo("hello");
            assertThat(pair.calls).isEmpty();
        }
    }
}
