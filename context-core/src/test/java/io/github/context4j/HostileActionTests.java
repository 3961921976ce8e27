package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions that throw, block, register more or interfere harm no other action and no context. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HostileActionTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext root = time.root().withCancel();
    private final List<Context> tree = new ArrayList<>(List.of(root));
    private final AtomicInteger innocent = new AtomicInteger();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void releasesWhatBlocks() {
        release.countDown();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(time.armed()).isZero();
    }

    /** An innocent action before and after the hostile one at every third node. */
    private void plant(Runnable hostile) {
        for (int i = 1; i < 60; i++) {
            Context parent = tree.get(i / 3);
            tree.add(i % 2 == 0 ? parent.withCancel() : parent.withTimeout(ofSeconds(i)));
        }
        for (int i = 0; i < tree.size(); i++) {
            tree.get(i).onDone(innocent::incrementAndGet, Runnable::run);
            if (i % 3 == 0) {
                tree.get(i).onDone(hostile, Runnable::run);
            }
            tree.get(i).onDone(innocent::incrementAndGet, Runnable::run);
        }
    }

    private void assertAllOver() {
        assertThat(innocent).hasValue(120);
        assertThat(tree).allMatch(Context::isDone).allSatisfy(each -> assertThat(Links.of(each))
                .isZero());
    }

    @Test
    void thatThrow() {
        plant(() -> {
            throw new StackOverflowError("its own");
        });

        try (Warnings warnings = Warnings.record()) {
            assertThat(root.cancel()).isTrue();
            assertThat(warnings.messages()).hasSize(20).containsOnly("An onDone action failed");
        }

        assertAllOver();
    }

    @Test
    void thatThrowWhereADeadlineEndsThem() {
        plant(() -> {
            throw new IllegalStateException("its own");
        });

        try (Warnings warnings = Warnings.record()) {
            time.advance(ofSeconds(100));
            root.cancel();
            assertThat(warnings.messages()).hasSize(20);
        }

        assertAllOver();
    }

    @Test
    void thatRegisterMore() {
        AtomicInteger more = new AtomicInteger();
        plant(() -> {
            for (Context each : tree) {
                each.onDone(more::incrementAndGet, Runnable::run);
                each.withCancel().onDone(more::incrementAndGet, Runnable::run);
                each.withTimeout(ofSeconds(1)).onDone(more::incrementAndGet, Runnable::run);
            }
        });

        root.cancel();

        assertAllOver();
        assertThat(more).hasValue(20 * 60 * 3);
    }

    @Test
    void thatTakeBackOtherActions() {
        List<Registration> victims = new ArrayList<>();
        AtomicInteger stopped = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        plant(() -> victims.forEach(victim -> stopped.addAndGet(victim.stop() ? 1 : 0)));
        for (Context each : tree) {
            victims.add(each.onDone(ran::incrementAndGet, Runnable::run));
        }

        root.cancel();

        assertAllOver();
        assertThat(stopped.get() + ran.get()).isEqualTo(60);
        assertThat(stopped).hasPositiveValue();
    }

    @Test
    void thatCancelAndCloseEverything() {
        AtomicInteger decided = new AtomicInteger();
        plant(() -> tree.forEach(each -> {
            decided.addAndGet(((CancelableContext) each).cancel() ? 1 : 0);
            ((CancelableContext) each).close();
        }));

        root.cancel();

        assertAllOver();
        assertThat(decided).hasValue(0);
    }

    /** The thread that cancels has the interrupt, as whoever interrupts himself. */
    @Test
    void thatInterruptTheirThread() {
        plant(() -> Thread.currentThread().interrupt());

        root.cancel();

        assertThat(Thread.interrupted()).isTrue();
        assertAllOver();
    }

    /** On the library's executor, which has 64 threads for actions before JDK 21: fewer than that may block. */
    @Test
    void thatBlockOnTheLibrarysExecutor() {
        AtomicInteger blocked = new AtomicInteger();
        CountDownLatch others = new CountDownLatch(60);
        for (int i = 0; i < 30; i++) {
            tree.get(i).onDone(others::countDown);
            tree.get(i).onDone(() -> {
                blocked.incrementAndGet();
                awaitUninterruptibly(release);
                blocked.decrementAndGet();
            });
            tree.get(i).onDone(others::countDown);
            tree.add(tree.get(i).withCancel());
        }
        CancelableContext elsewhere = Context.background().withCancel();
        AtomicInteger told = new AtomicInteger();
        elsewhere.onDone(told::incrementAndGet);

        root.cancel();
        elsewhere.cancel();

        assertThat(tree).allMatch(Context::isDone);
        Await.until(() -> others.getCount() == 0 && told.get() == 1 && blocked.get() == 30);
        release.countDown();
        Await.until(() -> blocked.get() == 0);
    }

    /** It holds up the thread that cancels, as documented; nobody else waits for that thread. */
    @Test
    void thatBlockOnTheThreadThatCancels() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Context child = root.withCancel();
        root.onDone(
                () -> {
                    entered.countDown();
                    awaitUninterruptibly(release);
                },
                Runnable::run);
        Thread canceler = new Thread(root::cancel);
        canceler.start();
        entered.await();

        assertThat(root.isDone()).isTrue();
        assertThat(child.isDone()).isTrue();
        assertThat(root.cancel()).isFalse();
        root.close();
        child.onDone(innocent::incrementAndGet, Runnable::run);
        root.withTimeout(ofSeconds(1)).onDone(innocent::incrementAndGet, Runnable::run);
        child.awaitDone();

        assertThat(innocent).hasValue(2);
        assertThat(canceler.isAlive()).isTrue();
        release.countDown();
        canceler.join();
    }

    @Test
    void whoseExecutorsThrowOrNeverRunThem() {
        AtomicInteger elsewhere = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            root.onDone(elsewhere::incrementAndGet, task -> {
                throw new RejectedExecutionException("full");
            });
            root.onDone(() -> innocent.addAndGet(1_000_000), task -> {});
            root.onDone(innocent::incrementAndGet, Runnable::run);
        }

        try (Warnings warnings = Warnings.record()) {
            root.cancel();
            assertThat(warnings.messages()).hasSize(100);
        }

        assertThat(innocent).hasValue(100);
        Await.until(() -> elsewhere.get() == 100);
    }

    /** As an action that reacts to its own end by registering itself again: it goes on until it has had enough. */
    @Test
    void thatRegisterThemselvesAgain() {
        AtomicReference<Runnable> itself = new AtomicReference<>();
        AtomicInteger again = new AtomicInteger();
        itself.set(() -> {
            if (again.incrementAndGet() < 10_000) {
                root.onDone(itself.get());
            }
        });
        root.onDone(itself.get());
        root.onDone(innocent::incrementAndGet, Runnable::run);

        root.cancel();

        assertThat(innocent).hasValue(1);
        Await.until(() -> again.get() == 10_000);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
