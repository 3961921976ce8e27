package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.TaskGroup.Fork;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many tasks run at a time, and that they get on when there are few threads. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TaskGroupLimitTests {
    /** More than the threads of the pool before JDK 21. */
    private static final int MANY = 400;

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void refusesALimitThatLetsNothingRun() {
        assertThatThrownBy(() -> TaskGroup.open(Context.background(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("limit: 0 (expected: > 0)");
    }

    @Test
    void runsNoMoreTasksAtATimeThanItsLimit() throws Exception {
        try (TaskGroup group = TaskGroup.open(Context.background(), 3)) {
            for (int i = 0; i < MANY; i++) {
                group.fork(this::count);
            }
            group.join();
        }
        assertThat(runs).hasValue(MANY);
        assertThat(most.get()).isBetween(1, 3);
    }

    @SuppressWarnings("ThreadPriorityCheck") // gives the others a chance to be too many
    private int count() {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        Thread.yield();
        running.decrementAndGet();
        return runs.incrementAndGet();
    }

    @Test
    void startsTasksInTheOrderOfForking() throws Exception {
        List<Integer> order = new ArrayList<>(); // one task at a time
        try (TaskGroup group = TaskGroup.open(Context.background(), 1)) {
            for (int i = 0; i < 100; i++) {
                int number = i;
                group.fork(() -> order.add(number));
            }
            group.join();
        }
        assertThat(order).hasSize(100).isSorted();
    }

    @Test
    void triesToForkOnlyBelowTheLimit() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(Context.background(), 2)) {
            Fork<Integer> first = group.tryFork(() -> {
                release.await();
                return 1;
            });
            Fork<Integer> second = group.tryFork(() -> 2);
            assertThat(first).isNotNull();
            assertThat(second).isNotNull();
            Await.until(() -> second.outcome() instanceof TaskGroup.Outcome.Success);
            Fork<Integer> third = tryFork(group);
            Fork<Integer> waiting = group.fork(() -> 4);
            release.countDown();
            group.join();
            assertThat(first.get() + second.get() + third.get() + waiting.get()).isEqualTo(10);
        }
        try (TaskGroup full = TaskGroup.open(Context.background(), 1)) {
            CountDownLatch enough = new CountDownLatch(1);
            full.fork(() -> {
                enough.await();
                return "";
            });
            assertThat(full.tryFork(runs::incrementAndGet)).isNull();
            enough.countDown();
            full.join();
        }
        assertThat(runs).hasValue(0);
    }

    @Test
    void triesToForkAsManyAsTheLimitAndNotOneMore() throws Exception {
        int limit = 42;
        CountDownLatch release = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(Context.background(), limit)) {
            for (int i = 0; i < limit; i++) {
                assertThat(group.tryFork(() -> awaitAndCount(release))).isNotNull();
            }
            for (int i = 0; i < 1_000; i++) {
                assertThat(group.tryFork(runs::incrementAndGet)).isNull();
            }
            release.countDown();
            Await.until(() -> group.tryFork(() -> awaitAndCount(release)) != null);
            group.join();
        }
        assertThat(runs).hasValue(limit + 1);
    }

    private int awaitAndCount(CountDownLatch release) throws InterruptedException {
        release.await();
        return runs.incrementAndGet();
    }

    /** The turn of a task that has ended is free a moment after its outcome is known. */
    private static Fork<Integer> tryFork(TaskGroup group) {
        List<Fork<Integer>> forks = new ArrayList<>();
        Await.until(() -> {
            Fork<Integer> fork = group.tryFork(() -> 3);
            return fork != null && forks.add(fork);
        });
        return forks.get(0);
    }

    @Test
    void letsATaskForkUnderALimitOfOne() throws Exception {
        try (TaskGroup group = TaskGroup.open(Context.background(), 1)) {
            group.fork(() -> {
                Fork<Integer> nested = group.fork(() -> {
                    group.fork(this::count);
                    return count();
                });
                assertThat(nested.outcome()).isInstanceOf(TaskGroup.Outcome.Unfinished.class);
                return count();
            });
            group.join();
        }
        assertThat(runs).hasValue(3);
        assertThat(most).hasValue(1);
    }

    /** Each of many tasks waits for a group of its own, which waits for another; there are fewer threads than tasks. */
    @Test
    void getsOnWithNestedGroupsWhenThreadsAreFewer() throws Exception {
        try (TaskGroup group = TaskGroup.open(Context.background())) {
            for (int i = 0; i < MANY; i++) {
                group.fork(() -> nest(2));
            }
            group.join();
        }
        assertThat(runs).hasValue(MANY * 4);
    }

    private int nest(int depth) throws InterruptedException {
        return nest(depth, Integer.MAX_VALUE);
    }

    private int nest(int depth, int limit) throws InterruptedException {
        if (depth == 0) {
            return runs.incrementAndGet();
        }
        try (TaskGroup group = TaskGroup.open(Context.current(), limit)) {
            group.fork(() -> nest(depth - 1, limit));
            group.fork(() -> nest(depth - 1, limit));
            group.join();
        }
        return 0;
    }

    /** One task at a time in each group, in as many groups as there are tasks; and a group under a group, 300 deep. */
    @Test
    void getsOnWithNestedGroupsOfOneTaskAtATime() throws Exception {
        try (TaskGroup group = TaskGroup.open(Context.background(), MANY)) {
            for (int i = 0; i < MANY; i++) {
                group.fork(() -> nest(3, 1));
            }
            group.join();
        }
        assertThat(runs).hasValue(MANY * 8);

        assertThat(nestOne(300)).isEqualTo(300);
    }

    private static int nestOne(int depth) throws InterruptedException {
        if (depth == 0) {
            return 0;
        }
        try (TaskGroup group = TaskGroup.open(Context.current(), 1)) {
            Fork<Integer> below = group.fork(() -> nestOne(depth - 1));
            group.join();
            return 1 + below.get();
        }
    }

    @Test
    void givesUpWhatWaitsWhenATaskFails() {
        IllegalStateException failure = new IllegalStateException("first");
        Semaphore forked = new Semaphore(0);
        try (TaskGroup group = TaskGroup.open(Context.background(), 1)) {
            group.fork(() -> {
                forked.acquire();
                throw failure;
            });
            List<Fork<Integer>> waiting = new ArrayList<>();
            for (int i = 0; i < 100_000; i++) {
                waiting.add(group.fork(runs::incrementAndGet));
            }
            forked.release();

            assertThatThrownBy(group::join).isSameAs(failure).hasNoSuppressedExceptions();
            assertThat(waiting).allMatch(fork -> fork.outcome() instanceof TaskGroup.Outcome.Failure);
            assertThatThrownBy(waiting.get(0)::get)
                    .isInstanceOf(CanceledException.class)
                    .hasCause(failure);
        }
        assertThat(runs).hasValue(0);
    }

    /** What a worker was given and what it made can go when the group has. */
    @Test
    void holdsNothingWhenItIsClosed() throws Exception {
        WeakReference<Object> result = leaveEarly();

        Await.until(() -> {
            System.gc();
            return result.get() == null;
        });
    }

    private static WeakReference<Object> leaveEarly() throws Exception {
        Object made = new Object();
        CountDownLatch entered = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(Context.background())) {
            group.fork(() -> {
                entered.countDown();
                Context.current().awaitDone();
                return made;
            });
            entered.await();
        }
        return new WeakReference<>(made);
    }
}
