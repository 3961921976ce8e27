package io.github.context4j.spring.propagation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.ShutdownException;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.testing.TestServer;
import io.github.context4j.spring.web.ContextTimeout;
import io.micrometer.context.ContextRegistry;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What runs on Boot's executors for a request, on the threads of a pool and on virtual ones. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class AsyncTaskTests {
    private static final int POOL = 2;

    @Parameter
    boolean virtual;

    private @Nullable TestServer server;

    private TestServer start(String... properties) {
        assumeTrue(!virtual || Runtime.version().feature() >= 21);
        TestServer started = TestServer.start(
                App.class,
                Stream.concat(
                                Stream.of(
                                        "spring.threads.virtual.enabled=" + virtual,
                                        "spring.task.execution.pool.core-size=" + POOL,
                                        "context.request.timeout=20s"),
                                Stream.of(properties))
                        .toArray(String[]::new));
        server = started;
        return started;
    }

    @AfterEach
    void nothingIsLeftOnAnyThreadOfThePool() throws Exception {
        if (server != null) {
            try (TestServer stopped = server) {
                assertNothingIsLeft(stopped);
            }
        }
        assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
                .noneMatch(accessor -> String.valueOf(accessor.key()).startsWith("io.github.context4j"));
    }

    private static void assertNothingIsLeft(TestServer server) throws Exception {
        assertThat(CurrentContext.get()).isNull(); // so that the probes carry nothing
        CyclicBarrier all = new CyclicBarrier(POOL);
        List<Future<String>> probes = new ArrayList<>();
        for (int i = 0; i < POOL; i++) {
            probes.add(executor(server).submit(() -> {
                all.await(10, TimeUnit.SECONDS);
                return CurrentContext.get() + " " + MDC.get("requestId") + " " + Thread.interrupted();
            }));
        }
        for (Future<String> probe : probes) {
            assertThat(probe.get(20, TimeUnit.SECONDS)).isEqualTo("null null false");
        }
    }

    private static AsyncTaskExecutor executor(TestServer server) {
        return server.application().getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
    }

    private static Seen seen(TestServer server) throws InterruptedException {
        Seen seen = server.bean(State.class).seen.poll(20, TimeUnit.SECONDS);
        assertThat(seen).isNotNull();
        return seen;
    }

    private static HttpResponse<String> get(TestServer server, String path) {
        return server.send(server.request(path).header("X-Request-Id", "mine").build());
    }

    @Test
    void anAsyncMethodHasTheValuesOfTheRequestAndOutlivesIt() throws Exception {
        TestServer server = start();
        assertThat(get(server, "/async").statusCode()).isEqualTo(200);
        server.bean(State.class).requestIsOver.countDown();

        Seen seen = seen(server);
        assertThat(seen.value).isEqualTo("of the request");
        assertThat(seen.requestId).isEqualTo("mine");
        assertThat(seen.deadline).isFalse();
        assertThat(seen.state).isEqualTo(Context.State.ACTIVE);
        await().until(seen.context::isDone); // it ends with the task
    }

    @Test
    void anAsyncMethodIsCanceledWithItsRequestIfThatIsWanted() throws Exception {
        TestServer server = start("context.async.cancellation=true");
        assertThat(get(server, "/async").statusCode()).isEqualTo(200);
        server.bean(State.class).requestIsOver.countDown();

        Seen seen = seen(server);
        assertThat(seen.value).isEqualTo("of the request");
        assertThat(seen.requestId).isEqualTo("mine");
        assertThat(seen.deadline).isTrue();
        await().until(seen.context::isDone); // the answer comes before the end
        assertThat(seen.context.state()).isEqualTo(Context.State.CANCELED);
    }

    @Test
    void anAsyncMethodEndsWithTheGracePeriod() throws Exception {
        TestServer server = start("context.shutdown.grace-period=50ms");
        assertThat(get(server, "/async/endless").statusCode()).isEqualTo(200);
        server.bean(ShutdownContexts.class).stop();

        Seen seen = seen(server);
        assertThat(seen.state).isEqualTo(Context.State.CANCELED);
        assertThat(seen.cause).isInstanceOf(ShutdownException.class);
    }

    @Test
    void observingCancelsNoAsyncMethod() throws Exception {
        TestServer server =
                start("context.mode=observe", "context.async.cancellation=true", "context.shutdown.grace-period=1ms");
        assertThat(get(server, "/async").statusCode()).isEqualTo(200);
        server.bean(ShutdownContexts.class).stop();
        server.bean(ShutdownContexts.class).grace().awaitDone();
        server.bean(State.class).requestIsOver.countDown();

        assertThat(seen(server).state).isEqualTo(Context.State.ACTIVE);
    }

    @Test
    void aCallableHasTheContextOfTheRequestItself() throws Exception {
        TestServer server = start();
        assertThat(get(server, "/callable").body()).isEqualTo("true mine");
        assertThat(get(server, "/callable/wait").statusCode()).isEqualTo(504);
    }

    @Test
    void micrometersDecoratorBringsNoCancellationAndDecoratorsOfTheUsersWork() throws Exception {
        TestServer server = start("spring.task.execution.propagate-context=true");
        assertThat(get(server, "/async").statusCode()).isEqualTo(200);
        server.bean(State.class).requestIsOver.countDown();

        Seen seen = seen(server);
        assertThat(seen.value).isEqualTo("of the request");
        assertThat(seen.state).isEqualTo(Context.State.ACTIVE);
        assertThat(seen.mark).isEqualTo("the user's");
    }

    @Test
    void aTaskThatIsSubmittedUnderNoContextHasNone() throws Exception {
        TestServer server = start();
        AsyncTaskExecutor executor = executor(server);

        assertThat(executor.submit(() -> CurrentContext.get() == null).get(20, TimeUnit.SECONDS))
                .isTrue();
        assertThat(server.bean(State.class).scheduled.get(20, TimeUnit.SECONDS)).isEqualTo("null null");
    }

    @Test
    void tasksThatFailLeaveNothingEither() throws Exception {
        TestServer server = start();
        AsyncTaskExecutor executor = executor(server);
        try (CancelableContext context = Context.background().withCancel()) {
            List<Future<?>> failing = new ArrayList<>();
            context.run(() -> {
                for (int i = 0; i < 100; i++) {
                    failing.add(executor.submit(() -> {
                        throw new IllegalStateException("mine");
                    }));
                }
            });
            assertThat(failing).allSatisfy(future -> assertThat(future)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableThat()
                    .havingRootCause()
                    .withMessage("mine"));
        }
    }

    @Test
    void whenSwitchedOffThereIsNeitherContextNorId() throws Exception {
        TestServer server = start("context.enabled=false");
        assertThat(get(server, "/callable").body()).isEqualTo("true null");
        assertThat(server.application().getBeansOfType(ContextTaskDecorator.class))
                .isEmpty();
    }

    record Seen(
            Context context,
            @Nullable String value,
            @Nullable String requestId,
            boolean deadline,
            Context.State state,
            @Nullable Throwable cause,
            @Nullable String mark) {
        static Seen here() {
            Context context = Context.current();
            return new Seen(
                    context,
                    context.get(App.KEY),
                    MDC.get("requestId"),
                    context.deadline() != null,
                    context.state(),
                    context.cause(),
                    App.MARK.get());
        }
    }

    static class State {
        final CountDownLatch requestIsOver = new CountDownLatch(1);
        final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
        final CompletableFuture<String> scheduled = new CompletableFuture<>();
    }

    static class Service {
        private final State state;

        Service(State state) {
            this.state = state;
        }

        @Async
        public void untilTheRequestIsOver() throws InterruptedException {
            assertThat(state.requestIsOver.await(20, TimeUnit.SECONDS)).isTrue();
            state.seen.add(Seen.here());
        }

        @Async
        public void endless() throws InterruptedException {
            Context.current().awaitDone();
            state.seen.add(Seen.here());
        }

        @Scheduled(initialDelay = 1)
        public void scheduled() {
            state.scheduled.complete(CurrentContext.get() + " " + MDC.get("requestId"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @EnableAsync
    @EnableScheduling
    @Import({Controller.class, Service.class, State.class})
    static class App {
        static final Context.Key<String> KEY = Context.Key.named("key");
        static final ThreadLocal<@Nullable String> MARK = new ThreadLocal<>();

        @Bean
        TaskDecorator marking() {
            return task -> () -> {
                MARK.set("the user's");
                try {
                    task.run();
                } finally {
                    MARK.remove();
                }
            };
        }
    }

    @RestController
    static class Controller {
        private final Service service;

        Controller(Service service) {
            this.service = service;
        }

        @GetMapping("/async")
        void async(Context context) throws InterruptedException {
            context.withValue(App.KEY, "of the request").run(service::untilTheRequestIsOver);
        }

        @GetMapping("/async/endless")
        void endless(Context context) throws InterruptedException {
            context.withValue(App.KEY, "of the request").run(service::endless);
        }

        @GetMapping("/callable")
        Callable<String> callable(Context context) {
            return () -> (Context.current() == context) + " " + MDC.get("requestId");
        }

        @GetMapping("/callable/wait")
        @ContextTimeout("300ms")
        Callable<String> callableWaits() {
            return () -> {
                Context.current().awaitDone();
                Context.current().throwIfDone();
                return "not reached";
            };
        }
    }
}
