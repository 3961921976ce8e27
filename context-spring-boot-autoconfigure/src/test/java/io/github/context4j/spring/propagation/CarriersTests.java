package io.github.context4j.spring.propagation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import io.github.context4j.TaskGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a carrier throws harms nobody. */
class CarriersTests {
    private final List<String> events = new ArrayList<>();

    private Carrier carrier(String name) {
        return () -> {
            events.add("capture " + name);
            return () -> {
                events.add("open " + name);
                return () -> events.add("close " + name);
            };
        };
    }

    private static RuntimeException failure() {
        return new IllegalStateException("mine");
    }

    private Context context() {
        Carrier capture = () -> {
            throw failure();
        };
        Carrier open = () -> () -> {
            throw failure();
        };
        Carrier close = () -> () -> () -> {
            throw failure();
        };
        return Context.background()
                .withValue(Carrier.KEY, new Carriers(List.of(carrier("first"), capture, open, close, carrier("last"))));
    }

    @Test
    void tasksRunAndTheOtherCarriersCarry() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            assertThat(context().<String, Exception>call(() -> Context.propagating(pool)
                            .submit(() -> "ran")
                            .get(20, TimeUnit.SECONDS)))
                    .isEqualTo("ran");
        } finally {
            pool.shutdown();
            assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(events)
                .containsExactly(
                        "capture first", "capture last", "open first", "open last", "close last", "close first");
    }

    @Test
    void noGroupFailsForIt() throws Exception {
        try (TaskGroup group = TaskGroup.open(context())) {
            TaskGroup.Fork<String> task = group.fork(() -> "ran");
            group.join();
            assertThat(task.get()).isEqualTo("ran");
        }
    }
}
