package io.github.context4j;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.TaskGroup.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(30)
final class TaskGroupTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext parent = time.root().withCancel();

    @AfterEach
    void leavesNothingBehind() {
        assertThat(Links.of(parent)).isZero();
        assertThat(CurrentContext.get()).isNull();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void givesWhatEachTaskReturned() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<String> name = group.fork(() -> "name");
            Fork<Integer> number = group.fork(() -> 7);
            Fork<@Nullable String> nothing = group.fork(() -> null);

            group.join();

            assertThat(name.get()).isEqualTo("name");
            assertThat(number.get()).isEqualTo(7);
            assertThat(nothing.get()).isNull();
            assertThat(name.outcome()).isEqualTo(new Outcome.Success<>("name"));
        }
    }

    @Test
    void joinsAGroupWithoutTasks() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.join();
            assertThat(group.context().isDone()).isTrue();
        }
    }

    /** Each task takes 200 ms; one after the other they would take 600. All enter before any leaves. */
    @Test
    void runsTasksSideBySide() throws Exception {
        CyclicBarrier allEntered = new CyclicBarrier(3);
        AtomicInteger entered = new AtomicInteger();
        Callable<Integer> task = () -> {
            entered.incrementAndGet();
            allEntered.await(20, TimeUnit.SECONDS);
            Context.background().sleep(ofMillis(200));
            return entered.get();
        };
        long start = System.nanoTime();
        try (TaskGroup group = TaskGroup.open(parent)) {
            List<Fork<Integer>> forks = List.of(group.fork(task), group.fork(task), group.fork(task));
            group.join();
            assertThat(forks).extracting(Fork::get).containsExactly(3, 3, 3);
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void runsTasksUnderItsContextOnThreadsOfItsOwn() throws Exception {
        Context.Key<String> key = Context.Key.named("key");
        ClassLoader loader = new ClassLoader() {};
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try (TaskGroup group = TaskGroup.open(parent.withValue(key, "value"))) {
            Fork<Boolean> current = group.fork(() -> Context.current() == group.context());
            Fork<@Nullable String> value = group.fork(() -> Context.current().get(key));
            Fork<Thread> thread = group.fork(Thread::currentThread);
            Fork<ClassLoader> seen = group.fork(() -> Thread.currentThread().getContextClassLoader());
            group.join();

            assertThat(current.get()).isTrue();
            assertThat(value.get()).isEqualTo("value");
            assertThat(thread.get().isDaemon()).isTrue();
            assertThat(thread.get().getName()).startsWith("context");
            assertThat(seen.get()).isSameAs(loader);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void endsItsContextWhenJoinReturns() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(() -> "");
            assertThat(group.context().isDone()).isFalse();
            group.join();

            assertThat(group.context().cause()).isSameAs(CanceledException.CLOSED);
            assertThat(parent.isDone()).isFalse();
            assertThat(Links.of(parent)).isZero();
            group.join();
        }
    }

    @Test
    void refusesToForkAfterJoin() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.join();
            assertThatThrownBy(() -> group.fork(() -> ""))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("fork after join");
            assertThatThrownBy(() -> group.tryFork(() -> "")).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void refusesATaskThatWouldWaitForItself() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<Integer> fork = group.fork(() -> {
                assertThatThrownBy(group::join).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(group::collect).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(group::close).isInstanceOf(IllegalStateException.class);
                try (TaskGroup inner = TaskGroup.open(Context.current())) {
                    Fork<Integer> nested = inner.fork(() -> {
                        assertThatThrownBy(group::join)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("wait for itself");
                        return 1;
                    });
                    inner.join();
                    return nested.get();
                }
            });
            group.join();
            assertThat(fork.get()).isEqualTo(1);
        }
    }

    @Test
    void runsTasksWithoutAResult() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<?> first = group.fork(() -> {
                runs.incrementAndGet();
            });
            group.fork(() -> {
                throw new IOException("disk");
            });
            assertThatThrownBy(() -> group.join(IOException.class)).hasMessage("disk");
            assertThat(first.outcome()).isInstanceOfAny(Outcome.Success.class, Outcome.Failure.class);
        }
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<?> only = group.fork(() -> {
                runs.addAndGet(10);
            });
            group.join();
            assertThat(only.get()).isNull();
        }
        assertThat(runs.get()).isGreaterThanOrEqualTo(10);
    }
}
