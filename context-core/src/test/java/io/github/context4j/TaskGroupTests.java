package io.github.context4j;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.TaskGroup.Outcome;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
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
    void throwsTheFirstFailureAndCancelsTheOthers() {
        IllegalStateException first = new IllegalStateException("first");
        CountDownLatch entered = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<Object> waiting = group.fork(() -> {
                entered.countDown();
                Context.current().awaitDone();
                Context.current().throwIfDone();
                return "";
            });
            Fork<Object> failing = group.fork(() -> {
                entered.await();
                throw first;
            });

            assertThatThrownBy(group::join).isSameAs(first).hasNoSuppressedExceptions();
            assertThat(group.context().cause()).isSameAs(first);
            assertThatThrownBy(failing::get).isSameAs(first);
            assertThat(failing.outcome()).isEqualTo(new Outcome.Failure<>(first));
            assertThatThrownBy(waiting::get)
                    .isInstanceOf(CanceledException.class)
                    .hasCause(first);
        }
    }

    @Test
    void addsTheOtherFailuresToTheFirstOnce() {
        IllegalStateException first = new IllegalStateException("first");
        IllegalArgumentException second = new IllegalArgumentException("second");
        CountDownLatch entered = new CountDownLatch(2);
        try (TaskGroup group = TaskGroup.open(parent)) {
            for (int i = 0; i < 2; i++) {
                group.fork(() -> {
                    entered.countDown();
                    Context.current().awaitDone();
                    throw second;
                });
            }
            group.fork(() -> {
                entered.await();
                throw first;
            });

            assertThatThrownBy(group::join).isSameAs(first);
            assertThatThrownBy(group::join).isSameAs(first);
            assertThat(first.getSuppressed()).containsExactly(second, second);
        }
    }

    @Test
    void throwsErrorsAsTheyAre() {
        AssertionError error = new AssertionError("its own");
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(() -> {
                throw error;
            });
            assertThatThrownBy(group::join).isSameAs(error);
        }
    }

    @Test
    void throwsCheckedExceptionsAsTheyAreWhereTheyAreExpected() {
        IOException failure = new FileNotFoundException("its own");
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<Object> fork = group.fork(() -> {
                throw failure;
            });

            assertThatThrownBy(() -> group.join(IOException.class)).isSameAs(failure);
            assertThatThrownBy(() -> group.join(TimeoutException.class))
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
            assertThatThrownBy(group::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
            assertThatThrownBy(fork::get)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
        }
    }

    private static final class TimeoutException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void joinsNormallyUnderADoneContextIfNoTaskMinds() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<String> fork = group.fork(() -> {
                entered.countDown();
                Context.current().awaitDone();
                return "all the same";
            });
            entered.await();
            parent.cancel();
            group.join();
            assertThat(fork.get()).isEqualTo("all the same");
        }
    }

    @Test
    void startsNothingUnderADoneContext() {
        AtomicInteger runs = new AtomicInteger();
        parent.cancel();
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<Integer> fork = group.fork(runs::incrementAndGet);
            Fork<Integer> tried = group.tryFork(runs::incrementAndGet);

            assertThatThrownBy(group::join)
                    .isInstanceOf(CanceledException.class)
                    .hasNoSuppressedExceptions();
            assertThatThrownBy(fork::get).isInstanceOf(CanceledException.class);
            assertThat(tried).isNotNull();
        }
        assertThat(runs).hasValue(0);
    }

    /** As where a thread of the pool comes to it only after the context has ended. */
    @Test
    void doesNotRunATaskThatGetsItsThreadTooLate() {
        AtomicInteger runs = new AtomicInteger();
        try (ErrorGroup group = new ErrorGroup(parent, 1)) {
            GroupTask<Integer> task = new GroupTask<>(group, runs::incrementAndGet);
            parent.cancel();
            task.run();
            assertThatThrownBy(task::get).isInstanceOf(CanceledException.class);
        }
        assertThat(runs).hasValue(0);
    }

    @Test
    void waitsInJoinForEveryTaskAlsoWhenTheDeadlineHasPassed() throws Exception {
        CountDownLatch entered = new CountDownLatch(3);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger left = new AtomicInteger();
        try (CancelableContext timed = parent.withTimeout(ofSeconds(1));
                TaskGroup group = TaskGroup.open(timed)) {
            for (int i = 0; i < 3; i++) {
                group.fork(() -> {
                    entered.countDown();
                    release.await();
                    return left.incrementAndGet();
                });
            }
            entered.await();
            time.advance(ofSeconds(1));
            Thread joiner = new Thread(() -> join(group));
            joiner.start();
            Await.state(joiner, Thread.State.WAITING);
            release.countDown();
            joiner.join();
            assertThat(left).hasValue(3);
        }
    }

    private static void join(TaskGroup group) {
        try {
            group.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void stopsJoiningWhenItIsInterrupted() {
        try (TaskGroup group = TaskGroup.open(parent)) {
            Fork<String> fork = group.fork(() -> {
                Context.current().awaitDone();
                return "ended by close";
            });
            Thread.currentThread().interrupt();
            assertThatThrownBy(group::join).isInstanceOf(InterruptedException.class);
            assertThat(fork.outcome()).isEqualTo(new Outcome.Unfinished<>());
            assertThatThrownBy(fork::get).isInstanceOf(IllegalStateException.class);
            Thread.currentThread().interrupt();
            assertThatThrownBy(group::collect).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void cancelsAndThenWaitsInClose() throws Exception {
        AtomicInteger left = new AtomicInteger();
        CountDownLatch entered = new CountDownLatch(3);
        TaskGroup group = TaskGroup.open(parent);
        try (group) {
            for (int i = 0; i < 3; i++) {
                group.fork(() -> {
                    entered.countDown();
                    Context.current().awaitDone();
                    return left.incrementAndGet();
                });
            }
            entered.await();
        }
        assertThat(left).hasValue(3);
        assertThat(group.context().cause()).isSameAs(CanceledException.CLOSED);
        group.close();
        assertThatThrownBy(() -> group.fork(() -> "")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void waitsInCloseInterruptsNotwithstanding() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        AtomicInteger left = new AtomicInteger();
        TaskGroup group = TaskGroup.open(parent);
        group.fork(() -> {
            entered.countDown();
            release.await();
            return left.incrementAndGet();
        });
        entered.await();
        Thread closer = Thread.currentThread();
        Thread interrupter = new Thread(() -> {
            Await.state(closer, Thread.State.WAITING);
            closer.interrupt();
            Await.state(closer, Thread.State.WAITING);
            release.countDown();
        });
        interrupter.start();

        group.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(left).hasValue(1);
        interrupter.join();
    }

    @Test
    void collectsEveryOutcome() throws Exception {
        IOException failure = new IOException("its own");
        CountDownLatch succeeded = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(parent, 1)) {
            group.fork(() -> "value");
            group.fork(() -> {
                succeeded.countDown();
                throw failure;
            });

            assertThat(group.collect()).containsExactly(new Outcome.Success<>("value"), new Outcome.Failure<>(failure));
            assertThatThrownBy(() -> group.fork(() -> "")).isInstanceOf(IllegalStateException.class);
        }
        assertThat(succeeded.getCount()).isZero();
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void collectsWhatThereIsAtTheDeadline() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (CancelableContext timed = parent.withTimeout(ofSeconds(1));
                TaskGroup group = TaskGroup.open(timed)) {
            Fork<String> quick = group.fork(() -> "quick");
            Fork<String> slow = group.fork(() -> {
                entered.countDown();
                release.await();
                return "slow";
            });
            entered.await();
            Await.until(() -> quick.outcome() instanceof Outcome.Success);
            Thread collector = Thread.currentThread();
            Thread clock = new Thread(() -> {
                Await.state(collector, Thread.State.WAITING);
                time.advance(ofSeconds(1));
            });
            clock.start();

            assertThat(group.collect()).containsExactly(new Outcome.Success<>("quick"), new Outcome.Unfinished<>());

            clock.join();
            release.countDown();
            Await.until(() -> slow.outcome() instanceof Outcome.Success);
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
    void carriesTheFailureOfAnInnerGroupOut() {
        IllegalStateException failure = new IllegalStateException("inside");
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(() -> {
                try (TaskGroup inner = TaskGroup.open(Context.current())) {
                    inner.fork(() -> {
                        throw failure;
                    });
                    inner.join();
                    return "";
                }
            });
            assertThatThrownBy(group::join).isSameAs(failure).hasNoSuppressedExceptions();
        }
    }
}
