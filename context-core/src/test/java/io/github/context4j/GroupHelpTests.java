package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a group does where threads are few: who waits for it runs its tasks. Here on every JDK, step by step. */
@SuppressWarnings("MustBeClosed")
@Timeout(30)
final class GroupHelpTests {
    private final ErrorGroup group = new ErrorGroup(Context.background(), 10);
    private final GroupLedger ledger = new GroupLedger(10);

    private GroupTask<?> begun() {
        GroupTask<String> task = new GroupTask<>(group, () -> "");
        assertThat(task.giveUp(new IllegalStateException("somebody else runs it")))
                .isTrue();
        return task;
    }

    private Thread startHelping(CompletableFuture<Boolean> over) {
        Thread helper = new Thread(
                () -> {
                    try {
                        ledger.awaitOver(() -> false, true);
                        over.complete(true);
                    } catch (Throwable t) {
                        over.completeExceptionally(t);
                    }
                },
                "helper");
        helper.setDaemon(true);
        helper.start();
        return helper;
    }

    @Test
    void runsATaskThatIsForkedWhileItWaitsForOthersThatHaveBegun() throws Exception {
        ledger.add(begun(), true);
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        Thread helper = startHelping(over);
        Await.state(helper, Thread.State.WAITING);

        CompletableFuture<Thread> runner = new CompletableFuture<>();
        CountDownLatch mayEnd = new CountDownLatch(1);
        ledger.add(
                new GroupTask<>(group, () -> {
                    runner.complete(Thread.currentThread());
                    return mayEnd.await(20, TimeUnit.SECONDS);
                }),
                true);

        assertThat(runner.get(20, TimeUnit.SECONDS)).isSameAs(helper);
        ledger.wake(); // takes the lock, which nobody holds while a task runs
        ledger.end();
        ledger.end();
        mayEnd.countDown();
        assertThat(over.get(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> ledger.add(begun(), true)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isStillRefusedByItsOwnGroupWhenItHasRunATaskOfAnother() throws Exception {
        TaskGroup outer = TaskGroup.open(Context.background());
        outer.fork(() -> {
            new GroupTask<>(group, () -> "").run();
            assertThatThrownBy(outer::join).isInstanceOf(IllegalStateException.class);
            return null;
        });
        outer.join();
    }

    @Test
    void isOverForEveryThreadWhenItHasBeenCollected() throws Exception {
        try (TaskGroup collected = TaskGroup.open(Context.background())) {
            collected.fork(() -> "");
            assertThat(collected.collect()).hasSize(1);
            assertThat(collected.context().cause()).isSameAs(CanceledException.CLOSED);

            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> collected.fork(() -> ""));
            assertThatThrownBy(() -> other.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void givesTheThreadItsOwnClassLoaderBack() {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        GroupTask<?> task = new GroupTask<>(group, () -> "");
        thread.setContextClassLoader(null);
        try {
            task.run();
            assertThat(thread.getContextClassLoader()).isNull();
        } finally {
            thread.setContextClassLoader(own);
        }
    }
}
