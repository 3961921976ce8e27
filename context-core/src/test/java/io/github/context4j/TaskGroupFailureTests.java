package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.TaskGroup.Outcome;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which failure comes out of a group, and what it does to the others. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(30)
final class TaskGroupFailureTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext parent = time.root().withCancel();

    @AfterEach
    void leavesNothingBehind() {
        assertThat(Links.of(parent)).isZero();
        assertThat(CurrentContext.get()).isNull();
        assertThat(Thread.interrupted()).isFalse();
    }

    private static final IllegalStateException DOOM = new IllegalStateException("doom");

    static Stream<Arguments> sequences() {
        return Stream.of(
                Arguments.of(Named.of("nothing", List.of()), null),
                Arguments.of(Named.of("a success", List.of(false)), null),
                Arguments.of(Named.of("a failure", List.of(true)), DOOM),
                Arguments.of(Named.of("a failure, a success", List.of(true, false)), DOOM),
                Arguments.of(Named.of("a success, a failure", List.of(false, true)), DOOM),
                Arguments.of(Named.of("failures and successes", List.of(false, true, false, true)), DOOM));
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void endsItsContextByTheFirstFailureOrWhenAllHaveSucceeded(List<Boolean> fails, @Nullable Throwable expected) {
        try (TaskGroup group = TaskGroup.open(parent)) {
            for (boolean fail : fails) {
                group.fork(() -> {
                    if (fail) {
                        throw DOOM;
                    }
                    return "";
                });
            }
            for (int i = 0; i < 2; i++) { // join may be repeated
                if (expected == null) {
                    assertThatCode(group::join).doesNotThrowAnyException();
                } else {
                    assertThatThrownBy(group::join).isSameAs(expected).hasNoSuppressedExceptions();
                }
            }
            assertThat(group.context().cause()).isSameAs(expected == null ? CanceledException.CLOSED : expected);
            assertThat(parent.isDone()).isFalse();
        }
    }

    /** Whatever the type of the first: it comes out, and the others with it. */
    @Test
    void carriesEveryKindOfFailureWithTheOthersSuppressed() {
        List<Supplier<Throwable>> kinds = List.of(
                () -> new IllegalStateException("unchecked"),
                () -> new AssertionError("error"),
                () -> new IOException("checked"),
                () -> new InterruptedException("interrupted"));
        for (Supplier<Throwable> kind : kinds) {
            Throwable first = kind.get();
            List<Throwable> others = kinds.stream().map(Supplier::get).toList();
            CountDownLatch entered = new CountDownLatch(others.size());
            try (TaskGroup group = TaskGroup.open(parent)) {
                for (Throwable other : others) {
                    group.fork(() -> {
                        entered.countDown();
                        Context.current().awaitDone();
                        return sneak(other);
                    });
                }
                group.fork(() -> {
                    entered.await();
                    return sneak(first);
                });

                Throwable thrown = catchThrowable(group::join);

                boolean unchecked = first instanceof RuntimeException || first instanceof Error;
                assertThat(unchecked ? thrown : thrown.getCause()).isSameAs(first);
                assertThat(unchecked || thrown instanceof CompletionException).isTrue();
                assertThat(first.getSuppressed()).containsExactlyInAnyOrderElementsOf(others);
                assertThat(group.context().cause()).isSameAs(first);
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> String sneak(Throwable failure) throws X {
        throw (X) failure;
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

    /** No thread, no memory: the task has failed, and whoever waited for its turn has it, and the same luck. */
    @Test
    void aTaskThatCannotBeStartedHasFailed() {
        RejectedExecutionException full = new RejectedExecutionException("full");
        try (TaskGroup group = new ErrorGroup(parent, 1, task -> {
            throw full;
        })) {
            Fork<String> first = group.fork(() -> "first");
            assertThat(group.context().cause()).isSameAs(full);
            Fork<String> second = group.fork(() -> "second");

            assertThatThrownBy(group::join).isSameAs(full).hasNoSuppressedExceptions();
            assertThat(first.outcome()).isEqualTo(new Outcome.Failure<>(full));
            assertThat(second.outcome()).isInstanceOf(Outcome.Failure.class);
        }
    }

    /** The one that runs ends, and those behind it are given up in a loop: they may be many. */
    @Test
    void manyThatCannotBeStartedAreGivenUpOneAfterTheOther() {
        int count = 10_000;
        List<Runnable> started = new ArrayList<>();
        RejectedExecutionException full = new RejectedExecutionException("full");
        try (TaskGroup group = new ErrorGroup(parent, 1, task -> {
            if (!started.isEmpty()) {
                throw full;
            }
            started.add(task);
        })) {
            List<Fork<String>> forks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                forks.add(group.fork(() -> "done"));
            }
            started.get(0).run();

            assertThatThrownBy(group::join).isSameAs(full);
            assertThat(forks.get(0).get()).isEqualTo("done");
            assertThat(forks.subList(1, count))
                    .allSatisfy(fork -> assertThat(fork.outcome()).isInstanceOf(Outcome.Failure.class));
        }
    }
}
