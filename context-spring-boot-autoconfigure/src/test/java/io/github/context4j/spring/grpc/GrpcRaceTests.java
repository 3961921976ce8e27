package io.github.context4j.spring.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.Dependency;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Ends of contexts that race with what gRPC does: an outcome is one or the other, and nothing is left. */
class GrpcRaceTests {
    private static final int CALLS = 3_000;
    private static final int CALLERS = 4;

    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

    /** Takes a little time, so that there is something to race with. */
    private static final class Service extends TestService {
        @Override
        protected void unary(String request, ServerCallStreamObserver<String> response) throws Exception {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(400_000));
            super.unary(request, response);
        }

        @Override
        protected void stream(String request, ServerCallStreamObserver<String> response) {
            response.onNext(request);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(400_000));
            response.onNext(request);
            response.onCompleted();
        }
    }

    /** A call that either gives what was asked for, or throws. */
    private interface Call {
        boolean isWhole(GrpcPair pair, String request);
    }

    private static boolean unary(GrpcPair pair, String request) {
        return ClientCalls.blockingUnaryCall(pair.channel, TestService.UNARY, CallOptions.DEFAULT, request)
                .equals(request);
    }

    private static boolean stream(GrpcPair pair, String request) {
        Iterator<String> messages =
                ClientCalls.blockingServerStreamingCall(pair.channel, TestService.STREAM, CallOptions.DEFAULT, request);
        List<String> received = new ArrayList<>();
        messages.forEachRemaining(received::add);
        return received.equals(List.of(request, request));
    }

    /** From a moment to 8 ms, as long as calls take on whichever machine. */
    private static long someNanos() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return random.nextLong(1L << random.nextInt(16, 24));
    }

    private void race(GrpcPair pair, Context context, Status.Code code, Class<?> cause, Call call, int i) {
        try {
            boolean isWhole = context.call(() -> call.isWhole(pair, "request " + i));
            (isWhole ? whole : wrong).incrementAndGet();
        } catch (StatusRuntimeException e) {
            boolean isExact = e.getStatus().getCode() == code && cause.isInstance(e.getCause());
            (isExact ? ended : wrong).incrementAndGet();
            if (!isExact) {
                complaints.add(e + ", cause " + e.getCause());
            }
        } catch (RuntimeException e) {
            wrong.incrementAndGet();
            complaints.add(e.toString());
        }
        if (Thread.interrupted()) {
            wrong.incrementAndGet();
            complaints.add("interrupted");
        }
    }

    private interface Race {
        void run(int i);
    }

    private void raced(GrpcPair pair, Race race) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        CountDownLatch all = new CountDownLatch(CALLS);
        try {
            for (int i = 0; i < CALLS; i++) {
                int number = i;
                callers.execute(() -> {
                    try {
                        race.run(number);
                    } finally {
                        all.countDown();
                    }
                });
            }
            assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            callers.shutdownNow();
        }
        pair.assertNothingIsLeft();
        System.out.printf("gRPC races: %d whole, %d ended%n", whole.get(), ended.get());
        assertThat(complaints).isEmpty();
        assertThat(wrong).hasValue(0);
        assertThat(whole.get() + ended.get()).isEqualTo(CALLS);
        assertThat(ended.get()).as("ended, or this test shows nothing").isGreaterThan(CALLS / 20);
        assertThat(pair.calls).hasSize(CALLS);
    }

    private void cancelsRace(Call call) throws Exception {
        try (GrpcPair pair = new GrpcPair(
                new GrpcPair.Settings().withDependencies(new Dependency("grpc", GrpcPair.PATIENCE)), new Service())) {
            ExecutorService cancelers = Executors.newFixedThreadPool(CALLERS);
            try {
                raced(pair, i -> {
                    try (CancelableContext context = Context.background().withCancel()) {
                        long wait = someNanos();
                        cancelers.execute(() -> {
                            LockSupport.parkNanos(wait);
                            context.cancel();
                        });
                        race(pair, context, Status.Code.CANCELLED, CanceledException.class, call, i);
                    }
                });
            } finally {
                cancelers.shutdownNow();
            }
        }
    }

    @Test
    void cancelsThatRaceWithResponses() throws Exception {
        cancelsRace(GrpcRaceTests::unary);
    }

    @Test
    void cancelsThatRaceWithStreams() throws Exception {
        cancelsRace(GrpcRaceTests::stream);
    }

    @Test
    void deadlinesThatRaceWithResponses() throws Exception {
        try (GrpcPair pair = new GrpcPair(new GrpcPair.Settings(), new Service())) {
            raced(pair, i -> {
                Duration time = Duration.ofNanos(someNanos());
                try (CancelableContext context = Context.background().withTimeout(time)) {
                    race(
                            pair,
                            context,
                            Status.Code.DEADLINE_EXCEEDED,
                            DeadlineExceededException.class,
                            GrpcRaceTests::unary,
                            i);
                }
            });
        }
    }
}
