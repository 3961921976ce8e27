package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.TaskGroup.Outcome;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for whom in {@code join}, {@code collect} and {@code close}. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(30)
final class TaskGroupWaitTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext parent = time.root().withCancel();

    @AfterEach
    void leavesNothingBehind() {
        assertThat(Links.of(parent)).isZero();
        assertThat(CurrentContext.get()).isNull();
        assertThat(Thread.interrupted()).isFalse();
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
}
