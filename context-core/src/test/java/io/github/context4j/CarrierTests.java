package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class CarrierTests {
    private static final ThreadLocal<@Nullable String> NAME = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable String> OTHER = new ThreadLocal<>();

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Context carrying = Context.background().withValue(Carrier.KEY, carrierOf(NAME));

    private static Carrier carrierOf(ThreadLocal<@Nullable String> slot) {
        return () -> {
            String value = slot.get();
            return value == null ? null : () -> open(slot, value);
        };
    }

    private static Context.Scope open(ThreadLocal<@Nullable String> slot, String value) {
        String before = slot.get();
        slot.set(value);
        return () -> slot.set(before);
    }

    @AfterEach
    void nothingIsLeftOnAnyThread() throws Exception {
        NAME.remove();
        assertThat(thread.submit(CarrierTests::here).get(10, TimeUnit.SECONDS)).isEqualTo("null null");
        thread.shutdown();
        try (TaskGroup group = TaskGroup.open(Context.background())) {
            List<TaskGroup.Fork<String>> probes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                probes.add(group.fork(CarrierTests::here));
            }
            group.join();
            assertThat(probes).allSatisfy(probe -> assertThat(probe.get()).isEqualTo("null null"));
        }
        assertThat(CurrentContext.get()).isNull();
    }

    private static String here() {
        return NAME.get() + " " + OTHER.get();
    }

    /** The ways to have something run elsewhere under a context. */
    enum Way {
        FORK {
            @Override
            Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) throws Exception {
                try (TaskGroup group = TaskGroup.open(context)) {
                    TaskGroup.Fork<String> fork = group.fork(task);
                    NAME.set("after");
                    group.join();
                    return fork::get;
                }
            }
        },
        TRY_FORK {
            @Override
            Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) throws Exception {
                try (TaskGroup group = TaskGroup.open(context)) {
                    TaskGroup.Fork<String> fork = group.tryFork(task);
                    group.join();
                    return () -> fork == null ? "none" : fork.get();
                }
            }
        },
        RUNNABLE {
            @Override
            Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) {
                List<String> seen = new ArrayList<>();
                Runnable wrapped = context.wrap(() -> {
                    try {
                        seen.add(task.call());
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                return () -> {
                    tests.thread.submit(wrapped).get(10, TimeUnit.SECONDS);
                    return seen.get(0);
                };
            }
        },
        CALLABLE {
            @Override
            Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) {
                Callable<String> wrapped = context.wrap(task);
                return () -> tests.thread.submit(wrapped).get(10, TimeUnit.SECONDS);
            }
        },
        SUPPLIER {
            @Override
            Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) {
                Supplier<String> wrapped = context.wrapSupplier(() -> {
                    try {
                        return task.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                return () -> tests.thread.submit(wrapped::get).get(10, TimeUnit.SECONDS);
            }
        },
        EXECUTOR {
            @Override
            Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) throws Exception {
                Future<String> future =
                        context.call(() -> Context.propagating(tests.thread).submit(task));
                return () -> future.get(10, TimeUnit.SECONDS);
            }
        };

        abstract Callable<String> carry(Context context, CarrierTests tests, Callable<String> task) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void takesAlongWhatTheThreadHadThen(Way way) throws Exception {
        NAME.set("mine");
        Callable<String> result = way.carry(carrying, this, CarrierTests::here);
        NAME.set("later");
        assertThat(result.call()).isEqualTo("mine null");
    }

    @ParameterizedTest
    @EnumSource
    void putsBackWhatWasThereWhereATaskFails(Way way) throws Exception {
        NAME.set("mine");
        assertThatThrownBy(() -> way.carry(carrying, this, () -> {
                            throw new IllegalStateException(here());
                        })
                        .call())
                .hasStackTraceContaining("mine null");
    }

    @ParameterizedTest
    @EnumSource
    void takesNothingAlongWhereTheContextHasNoCarrier(Way way) throws Exception {
        NAME.set("mine");
        assertThat(way.carry(Context.background(), this, CarrierTests::here).call())
                .isEqualTo("null null");
    }

    @ParameterizedTest
    @EnumSource
    void eachContextHasItsOwn(Way way) throws Exception {
        NAME.set("mine");
        OTHER.set("other's");
        try {
            Context other = carrying.withValue(Carrier.KEY, carrierOf(OTHER));
            assertThat(way.carry(other, this, CarrierTests::here).call()).isEqualTo("null other's");
        } finally {
            OTHER.remove();
        }
    }

    @Test
    void isThatOfTheContextsBelow() throws Exception {
        NAME.set("mine");
        try (CancelableContext child = carrying.withoutCancel().withCancel();
                TaskGroup outer = TaskGroup.open(child)) {
            TaskGroup.Fork<String> nested = outer.fork(() -> {
                try (TaskGroup inner = TaskGroup.open(Context.current())) {
                    TaskGroup.Fork<String> fork = inner.fork(CarrierTests::here);
                    inner.join();
                    return fork.get();
                }
            });
            outer.join();
            assertThat(nested.get()).isEqualTo("mine null");
        }
    }

    @Test
    void whatCannotBeGivenToTheThreadFailsTheTask() {
        Carrier broken = () -> () -> {
            throw new IllegalStateException("broken");
        };
        Context context = Context.background().withValue(Carrier.KEY, broken);
        assertThatThrownBy(() -> {
                    try (TaskGroup group = TaskGroup.open(context)) {
                        group.fork(CarrierTests::here);
                        group.join();
                    }
                })
                .hasMessage("broken");
    }
}
