package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.TaskGroup.Outcome;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers whose caller has left: they finish, and neither a thread nor a reference is left. */
@SuppressWarnings("MustBeClosed")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TaskGroupLeftBehindTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext parent = time.root().withCancel();

    /** Holds nothing but weak references to what the worker was given, made and ran on. */
    private static final class Worker {
        final CountDownLatch release = new CountDownLatch(1);
        final CountDownLatch entered = new CountDownLatch(1);
        final List<WeakReference<Object>> references = new ArrayList<>();
        volatile WeakReference<@Nullable Thread> thread = new WeakReference<>(null);

        synchronized void watch(Object... objects) {
            for (Object object : objects) {
                references.add(new WeakReference<>(object));
            }
        }

        /** Works on whatever its context says. */
        void forkOn(TaskGroup group) throws InterruptedException {
            Object given = new byte[1_000_000];
            TaskGroup.Fork<Object> fork = group.fork(() -> {
                entered.countDown();
                release.await();
                Object made = List.of(given);
                watch(made);
                thread = new WeakReference<>(Thread.currentThread());
                return made;
            });
            watch(given, group, group.context(), fork);
            entered.await();
        }

        synchronized boolean isCollected() {
            return references.size() == 5 && references.stream().allMatch(reference -> reference.get() == null);
        }

        /** Before JDK 21 it is one of a pool, and goes when it has been idle for five seconds. */
        void awaitEndOfThread() throws InterruptedException {
            Thread ran = thread.get();
            if (ran != null) {
                ran.join(TimeUnit.SECONDS.toMillis(30));
                assertThat(ran.isAlive()).isFalse();
            }
        }
    }

    private void assertLeavesNothing(Worker worker) {
        assertThat(worker.isCollected()).isFalse();
        worker.release.countDown();
        Await.until(() -> {
            System.gc();
            return worker.isCollected();
        });
        assertThat(parent.isDone()).isFalse();
    }

    @Test
    void atTheDeadlineOfCollectLeaveNothing() throws Exception {
        Worker worker = new Worker();
        collectAtDeadline(worker);
        assertThat(Links.of(parent)).isZero();
        assertLeavesNothing(worker);
        assertThat(time.armed()).isZero();
        worker.awaitEndOfThread();
    }

    private void collectAtDeadline(Worker worker) throws InterruptedException {
        try (CancelableContext timed = parent.withTimeout(ofSeconds(1))) {
            TaskGroup group = TaskGroup.open(timed);
            worker.forkOn(group);
            time.advance(ofSeconds(1));
            assertThat(group.collect()).containsExactly(new Outcome.Unfinished<>());
        }
    }

    /** The interrupted caller has left without {@code close}; the end of its context lets go of the group. */
    @Test
    void whoseCallerWasInterruptedLeaveNothing() throws Exception {
        Worker worker = new Worker();
        leaveInterrupted(worker);
        assertThat(Links.of(parent)).isZero();
        assertLeavesNothing(worker);
    }

    private void leaveInterrupted(Worker worker) throws InterruptedException {
        try (CancelableContext own = parent.withCancel()) {
            TaskGroup group = TaskGroup.open(own);
            worker.forkOn(group);
            Thread.currentThread().interrupt();
            assertThatThrownBy(group::join).isInstanceOf(InterruptedException.class);
        }
    }

    /** The caller waits in {@code close}, and what it waited for goes with it. */
    @Test
    void thatCloseWaitedForLeaveNothing() throws Exception {
        Worker worker = new Worker();
        Thread caller = new Thread(() -> close(worker));
        caller.start();
        worker.entered.await();
        Await.state(caller, Thread.State.WAITING);
        assertLeavesNothing(worker);
        caller.join();
        assertThat(Links.of(parent)).isZero();
    }

    private void close(Worker worker) {
        try (TaskGroup group = TaskGroup.open(parent)) {
            worker.forkOn(group);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
