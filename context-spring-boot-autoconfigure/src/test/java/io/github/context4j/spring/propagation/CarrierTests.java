package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.TaskGroup;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the tasks of a request take along: the MDC, the trace, and who is logged in. */
@Timeout(120)
class CarrierTests {
    private static final int THREADS = 4;
    private static final ThreadLocal<String> OWN = ThreadLocal.withInitial(() -> "none");
    private static final ObservationRegistry OBSERVATIONS = ObservationRegistry.create();

    static {
        OBSERVATIONS.observationConfig().observationHandler(any -> true);
    }

    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void nothingIsLeftOnAnyThread() throws Exception {
        assertThat(here()).isEqualTo("null null null false none");
        CyclicBarrier all = new CyclicBarrier(THREADS);
        Callable<String> probe = () -> {
            all.await(20, TimeUnit.SECONDS);
            return here() + " " + CurrentContext.get() + " " + Thread.interrupted();
        };
        assertThat(pool.invokeAll(java.util.Collections.nCopies(THREADS, probe)))
                .allSatisfy(left -> assertThat(left.get()).isEqualTo("null null null false none null false"));
        pool.shutdown();
        try (TaskGroup group = TaskGroup.open(Context.background())) {
            List<TaskGroup.Fork<String>> probes = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                probes.add(group.fork(() -> {
                    all.await(20, TimeUnit.SECONDS);
                    return here();
                }));
            }
            group.join();
            assertThat(probes).allSatisfy(left -> assertThat(left.get()).isEqualTo("null null null false none"));
        }
    }

    /** What this thread has: an entry of the MDC, the observation, the user, whether a transaction is active, a bean's own. */
    private static String here() {
        Observation observation = OBSERVATIONS.getCurrentObservation();
        Authentication user = SecurityContextHolder.getContext().getAuthentication();
        return MDC.get("tenant")
                + " " + (observation == null ? null : observation.getContext().getName())
                + " " + (user == null ? null : user.getName())
                + " " + TransactionSynchronizationManager.isActualTransactionActive()
                + " " + OWN.get();
    }

    /** Runs {@code op} where a request has all of it. */
    private static <T> T inRequest(Callable<T> op) throws Exception {
        MDC.put("tenant", "acme");
        OWN.set("own");
        SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("ada", "secret"));
        TransactionSynchronizationManager.setActualTransactionActive(true);
        Observation observation = Observation.start("request", OBSERVATIONS);
        try (Observation.Scope scope = observation.openScope()) {
            return op.call();
        } finally {
            observation.stop();
            TransactionSynchronizationManager.setActualTransactionActive(false);
            SecurityContextHolder.clearContext();
            OWN.remove();
            MDC.remove("tenant");
        }
    }

    private static String forked(Context context) throws InterruptedException {
        try (TaskGroup group = TaskGroup.open(context)) {
            TaskGroup.Fork<String> fork = group.fork(() -> {
                assertThat(Context.current()).isSameAs(group.context());
                return here();
            });
            group.join();
            return fork.get();
        }
    }

    private static TestServer start(Class<?> app, String... properties) {
        return TestServer.start(app, properties);
    }

    @Test
    void tasksOfAGroupHaveWhatTheHandlerHasButTheTransaction() {
        try (TestServer server = start(App.class)) {
            assertThat(server.get("/forked").body()).isEqualTo("acme request ada false none");
            assertThat(server.get("/failing").body()).isEqualTo("acme request ada false none");
            assertThat(server.get("/left").body()).isEqualTo("null http.server.requests null false none"); // its own
        }
    }

    @Test
    void futuresAndExecutorsDoSoToo() throws Exception {
        try (TestServer server = start(App.class)) {
            Context context = server.bean(ShutdownContexts.class).grace();
            CompletableFuture<String> future =
                    inRequest(() -> CompletableFuture.supplyAsync(context.wrapSupplier(CarrierTests::here), pool));
            assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("acme request ada false none");

            CompletableFuture<String> propagated = inRequest(() ->
                    context.call(() -> CompletableFuture.supplyAsync(CarrierTests::here, Context.propagating(pool))));
            assertThat(propagated.get(20, TimeUnit.SECONDS)).isEqualTo("acme request ada false none");
        }
    }

    @Test
    void aTaskThatFailsLeavesNothing() throws Exception {
        try (TestServer server = start(App.class)) {
            Context context = server.bean(ShutdownContexts.class).grace();
            Supplier<String> failing = inRequest(() -> context.wrapSupplier(() -> {
                throw new IllegalStateException(here());
            }));
            for (int i = 0; i < 3 * THREADS; i++) {
                CompletableFuture<String> failed = CompletableFuture.supplyAsync(failing, pool);
                assertThatThrownBy(() -> failed.get(20, TimeUnit.SECONDS))
                        .hasRootCauseMessage("acme request ada false none");
            }
        }
    }

    @Test
    void whatRunsOnTheThreadItselfLeavesWhatThatHad() throws Exception {
        try (TestServer server = start(App.class)) {
            Context context = server.bean(ShutdownContexts.class).grace();
            Supplier<String> task = inRequest(() -> context.wrapSupplier(CarrierTests::here));
            MDC.put("tenant", "other");
            try {
                assertThat(task.get()).isEqualTo("acme request ada false none");
                assertThat(here()).isEqualTo("other null null false none");
            } finally {
                MDC.remove("tenant");
            }
        }
    }

    @Test
    void observingCarriesAsWell() {
        try (TestServer server = start(App.class, "context.mode=observe")) {
            assertThat(server.get("/forked").body()).isEqualTo("acme request ada false none");
        }
    }

    @Test
    void eachApplicationCarriesWhatIsItsOwn() throws Exception {
        try (TestServer one = start(App.class);
                TestServer two = start(AppWithItsOwn.class)) {
            assertThat(two.get("/forked").body()).isEqualTo("acme request ada false own");
            assertThat(one.get("/forked").body()).isEqualTo("acme request ada false none");
            try (TestServer off = start(AppWithItsOwn.class, "context.enabled=false")) {
                assertThat(off.get("/forked").body()).isEqualTo("null null null false none");
                assertThat(off.application().getBeanNamesForType(Carrier.class)).containsExactly("own");
            }
            assertThat(one.get("/forked").body()).isEqualTo("acme request ada false none");
        }
        assertThat(inRequest(() -> forked(Context.background()))).isEqualTo("null null null false none");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @Import(Handlers.class)
    static class App {}

    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class AppWithItsOwn {
        @Bean
        Carrier own() {
            return () -> {
                String value = OWN.get();
                return () -> {
                    OWN.set(value);
                    return OWN::remove;
                };
            };
        }
    }

    @RestController
    static class Handlers {
        @GetMapping("/forked")
        String forkedTask() throws Exception {
            return inRequest(() -> forked(Context.current()));
        }

        @GetMapping("/failing")
        String failingTask() throws Exception {
            return inRequest(() -> {
                try (TaskGroup group = TaskGroup.open(Context.current())) {
                    group.fork(() -> {
                        throw new IllegalStateException(here());
                    });
                    group.join();
                    return "not reached";
                } catch (IllegalStateException e) {
                    return requireNonNull(e.getMessage());
                }
            });
        }

        /** What is on the threads that have run tasks, seen by tasks that carry nothing. */
        @GetMapping("/left")
        String left() throws Exception {
            return forked(Context.current());
        }
    }
}
