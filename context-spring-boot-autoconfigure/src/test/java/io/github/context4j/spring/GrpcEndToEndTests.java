package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.grpc.TestService;
import io.github.context4j.spring.testing.TestPostgres;
import io.github.context4j.spring.testing.TestServer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Calls between two servers of Spring gRPC's whose last one waits for PostgreSQL. */
class GrpcEndToEndTests {
    private static final String NAME = "GrpcEndToEndTests";
    private static final Duration CEILING = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private TestServer last;
    private TestServer first;
    private Channel channel;

    @BeforeEach
    void start() {
        last = TestServer.start(
                Reports.class,
                "spring.grpc.server.port=0",
                "spring.grpc.server.address=127.0.0.1",
                "context.shutdown.grace-period=300ms",
                "spring.datasource.url=" + TestPostgres.url(NAME),
                "spring.datasource.username=" + TestPostgres.user(),
                "spring.datasource.password=" + TestPostgres.password());
        first = TestServer.start(
                Front.class,
                "spring.grpc.server.port=0",
                "spring.grpc.server.address=127.0.0.1",
                "spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
                "spring.grpc.client.channel.reports.target=static://127.0.0.1:" + port(last),
                "context.dependencies.reports.timeout=10s");
        channel = first.bean(GrpcChannelFactory.class).createChannel("static://127.0.0.1:" + port(first));
        assertThat(call(CallOptions.DEFAULT, "0")).isEqualTo("slept 0, with 10 s");
    }

    private static int port(TestServer server) {
        return server.bean(GrpcServerLifecycle.class).getPort();
    }

    private String call(CallOptions options, String seconds) {
        return ClientCalls.blockingUnaryCall(channel, TestService.UNARY, options, seconds);
    }

    private Future<String> begin(CallOptions options) throws Exception {
        Future<String> response = ClientCalls.futureUnaryCall(channel.newCall(TestService.UNARY, options), "30");
        until(() -> TestPostgres.sleeping(NAME) == 1);
        return response;
    }

    private static void until(Callable<Boolean> condition) {
        await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).until(condition);
    }

    private static Status failure(Future<String> response) {
        ExecutionException failure = catchThrowableOfType(
                ExecutionException.class, () -> response.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        return Status.fromThrowable(failure);
    }

    @AfterEach
    void nothingIsLeft() {
        for (TestServer server : new TestServer[] {first, last}) {
            if (server.application().isActive()) {
                until(() -> server.bean(LiveContexts.class).all().isEmpty()
                        && server.bean(DependencyCalls.class).inFlight().isEmpty());
            }
            server.close();
        }
    }

    @Test
    void aClientThatCancelsEndsTheQueryOfTheLastServer() throws Exception {
        Future<String> response = begin(CallOptions.DEFAULT);
        long start = System.nanoTime();
        response.cancel(true);
        until(() -> TestPostgres.sleeping(NAME) == 0);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("gRPC client canceled -> query two servers away gone: %d ms%n", took.toMillis());
        assertThat(took).isLessThan(CEILING);
        until(() -> last.count("context.requests", "outcome", "canceled", "cause", "client_disconnected") == 1);
        until(() -> first.count("context.requests", "outcome", "canceled", "cause", "client_disconnected") == 1);
        until(() -> first.count("context.dependency.calls", "dependency", "reports", "outcome", "canceled") == 1);
    }

    @Test
    void aDeadlineEndsTheQueryOfTheLastServer() throws Exception {
        Future<String> response = begin(CallOptions.DEFAULT.withDeadlineAfter(8, TimeUnit.SECONDS));
        assertThat(failure(response).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        long start = System.nanoTime();
        until(() -> TestPostgres.sleeping(NAME) == 0);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(CEILING);
        until(() -> first.count("context.dependency.calls", "dependency", "reports", "outcome", "completed") == 1
                && first.count("context.requests", "outcome", "completed") == 1
                && last.count("context.requests", "outcome", "completed") == 1);
    }

    @Test
    void aContextThatEndsCancelsItsCallAndTheQueryWithIt() throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            Future<String> response = context.call(() -> begin(CallOptions.DEFAULT));
            context.cancel();
            assertThat(failure(response).getCode()).isEqualTo(Status.Code.CANCELLED);
            until(() -> TestPostgres.sleeping(NAME) == 0);
        }
    }

    @Test
    void aServerThatStopsLetsItsCallsGoOnForTheGracePeriod() throws Exception {
        Future<String> response = begin(CallOptions.DEFAULT);
        long start = System.nanoTime();
        last.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("Spring gRPC would wait for 30 s")
                .isBetween(Duration.ofMillis(300), Duration.ofSeconds(15));
        assertThat(failure(response).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        until(() -> TestPostgres.sleeping(NAME) == 0);
    }

    @Test
    void theApplicationsOwnExceptionHandlerWins() {
        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, () -> call(CallOptions.DEFAULT, "mine"));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
        StatusRuntimeException other =
                catchThrowableOfType(StatusRuntimeException.class, () -> call(CallOptions.DEFAULT, "not mine"));
        assertThat(other.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Reports {
        @Bean
        TestService service(JdbcClient jdbc) {
            return new TestService() {
                @Override
                protected void unary(String request, ServerCallStreamObserver<String> response) {
                    jdbc.sql("select pg_sleep(?)")
                            .param(Integer.parseInt(request))
                            .query()
                            .singleRow();
                    io.grpc.Deadline deadline = io.grpc.Context.current().getDeadline();
                    response.onNext("slept " + request + ", with " + (deadline == null ? "no limit" : "10 s"));
                    response.onCompleted();
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Front {
        @Bean
        TestService service(GrpcChannelFactory channels) {
            Channel reports = channels.createChannel("reports");
            return new TestService() {
                @Override
                protected void unary(String request, ServerCallStreamObserver<String> response) throws Exception {
                    if (request.endsWith("mine")) {
                        Context.background().callWithin(Duration.ZERO, () -> {
                            try {
                                Context.current().throwIfDone();
                            } catch (RuntimeException e) {
                                throw new IllegalStateException(request, e);
                            }
                            return request;
                        });
                    }
                    super.unary(
                            ClientCalls.blockingUnaryCall(reports, TestService.UNARY, CallOptions.DEFAULT, request),
                            response);
                }
            };
        }

        @Bean
        GrpcExceptionHandler handler() {
            return failure -> "mine".equals(failure.getMessage()) ? new StatusException(Status.DATA_LOSS) : null;
        }
    }
}
