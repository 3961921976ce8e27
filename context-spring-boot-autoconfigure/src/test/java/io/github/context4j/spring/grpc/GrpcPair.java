package io.github.context4j.spring.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.Outcome;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A real gRPC server on the loopback address and a channel to it, both under contexts; what becomes of them is written down. */
final class GrpcPair implements AutoCloseable, ContextObserver {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int THREADS = 8;

    /** What ended on the server: outcome and cause. */
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** What ended at the client: dependency and outcome. */
    final List<String> calls = new CopyOnWriteArrayList<>();

    final List<ClientDisconnectedException.Kind> left = new CopyOnWriteArrayList<>();
    final LiveContexts live = new LiveContexts();
    final DependencyCalls inFlight;
    final Dependencies dependencies;
    final CancelableContext root;
    final Server server;
    final ManagedChannel channel;
    private final ThreadPoolExecutor executor =
            new ThreadPoolExecutor(THREADS, THREADS, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());

    /** Settings, with the defaults of the properties. */
    record Settings(
            Mode mode,
            @Nullable Duration timeout,
            @Nullable Duration minBudget,
            Predicate<MethodDescriptor<?, ?>> endsWithClient,
            List<Dependency> dependencies) {
        Settings() {
            this(Mode.ENFORCE, null, null, method -> true, List.of());
        }

        Settings observing() {
            return new Settings(Mode.OBSERVE, timeout, minBudget, endsWithClient, dependencies);
        }

        Settings withTimeout(Duration time) {
            return new Settings(mode, time, minBudget, endsWithClient, dependencies);
        }

        Settings withMinBudget(Duration time) {
            return new Settings(mode, timeout, time, endsWithClient, dependencies);
        }

        Settings endingWithClient(Predicate<MethodDescriptor<?, ?>> methods) {
            return new Settings(mode, timeout, minBudget, methods, dependencies);
        }

        Settings withDependencies(Dependency... all) {
            return new Settings(mode, timeout, minBudget, endsWithClient, List.of(all));
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // close() closes it
    GrpcPair(Settings settings, BindableService service, ServerInterceptor... inside) throws IOException {
        root = Context.background().withCancel();
        inFlight = new DependencyCalls(settings.mode(), this);
        dependencies = new Dependencies(settings.dependencies(), inFlight);
        ServerCallContexts contexts = new ServerCallContexts(
                settings.mode(),
                settings.timeout(),
                settings.minBudget(),
                settings.endsWithClient(),
                () -> root,
                live,
                this);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .executor(executor)
                .addService(service);
        for (ServerInterceptor interceptor : inside) {
            builder.intercept(interceptor);
        }
        server = builder.intercept(new ContextServerInterceptor(contexts))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
                .usePlaintext()
                .executor(executor)
                .intercept(new ContextClientInterceptor(dependencies, inFlight))
                .build();
    }

    @Override
    public void requestEnded(Outcome outcome, @Nullable Throwable cause, Duration duration) {
        requests.add(outcome + " " + ContextEndedReason.tagOf(cause));
    }

    @Override
    public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
        calls.add(call.dependency().name() + " " + outcome);
    }

    @Override
    public void clientDisconnected(ClientDisconnectedException.Kind kind) {
        left.add(kind);
    }

    static void awaitLatch(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("it happened in time")
                .isTrue();
    }

    /** Waits until all that was begun is over, and looks at every thread of the pool. */
    void assertNothingIsLeft() throws Exception {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(live.all()).isEmpty();
            assertThat(inFlight.inFlight()).isEmpty();
            assertThat(executor.getActiveCount()).isZero();
        });
        CyclicBarrier all = new CyclicBarrier(THREADS);
        List<Future<List<Object>>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(executor.submit(() -> {
                boolean interrupted = Thread.interrupted();
                all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                Context current = CurrentContext.get();
                return current == null ? List.of(interrupted) : List.of(interrupted, current);
            }));
        }
        for (Future<List<Object>> thread : threads) {
            assertThat(thread.get())
                    .as("interrupted, and the context left behind")
                    .containsExactly(false);
        }
        assertThat(CurrentContext.get()).isNull();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Override
    public void close() throws Exception {
        try {
            assertNothingIsLeft();
        } finally {
            channel.shutdownNow();
            server.shutdownNow();
            channel.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            server.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            root.close();
            executor.shutdownNow();
        }
    }
}
