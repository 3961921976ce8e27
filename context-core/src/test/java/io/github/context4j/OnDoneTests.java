package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(20)
final class OnDoneTests {
    private final CancelableContext context = Context.background().withCancel();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void runsTheActionOnceWhenTheContextEnds() {
        context.onDone(runs::incrementAndGet, Runnable::run);
        assertThat(runs).hasValue(0);

        context.cancel();
        context.cancel();
        context.close();

        assertThat(runs).hasValue(1);
    }

    @Test
    void runsTheActionAtOnceWhereTheContextIsDone() {
        context.cancel();

        Registration registration = context.onDone(runs::incrementAndGet, Runnable::run);

        assertThat(runs).hasValue(1);
        assertThat(registration.stop()).isFalse();
    }

    @Test
    void runsTheActionWhenAnAncestorEnds() {
        Context below = context.withCancel().withValue(Context.Key.named("key"), 1);
        below.onDone(runs::incrementAndGet, Runnable::run);

        context.cancel();

        assertThat(runs).hasValue(1);
    }

    @Test
    void forgetsAnActionThatIsStoppedBefore() {
        Registration registration = context.onDone(runs::incrementAndGet, Runnable::run);
        assertThat(Links.of(context)).isEqualTo(1);

        assertThat(registration.stop()).isTrue();
        assertThat(registration.stop()).isFalse();
        registration.close();
        assertThat(Links.of(context)).isZero();
        context.cancel();

        assertThat(runs).hasValue(0);
    }

    @Test
    void takesBackAnActionThatWaitsForItsExecutor() {
        List<Runnable> queue = new ArrayList<>();
        Registration stopped = context.onDone(runs::incrementAndGet, queue::add);
        Registration closed = context.onDone(runs::incrementAndGet, queue::add);
        context.cancel();

        assertThat(stopped.stop()).isTrue();
        closed.close();
        assertThat(queue).hasSize(2).allSatisfy(Runnable::run);

        assertThat(runs).hasValue(0);
    }

    @Test
    void cannotTakeBackWhatHasRun() {
        Registration registration = context.onDone(runs::incrementAndGet, Runnable::run);
        context.cancel();

        assertThat(registration.stop()).isFalse();
        registration.close();

        assertThat(runs).hasValue(1);
    }

    @Test
    void doesNotBlockInStopWhileTheActionRuns() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Registration registration = context.onDone(() -> {
            entered.countDown();
            awaitUninterruptibly(release);
            runs.incrementAndGet();
        });
        context.cancel();
        entered.await();

        assertThat(registration.stop()).isFalse();
        assertThat(runs).hasValue(0);
        release.countDown();
        registration.close();

        assertThat(runs).hasValue(1);
    }

    @Test
    void waitsInCloseForTheRunAndKeepsTheInterrupt() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Registration registration = context.onDone(() -> {
            entered.countDown();
            awaitUninterruptibly(release);
            runs.incrementAndGet();
        });
        context.cancel();
        entered.await();
        CompletableFuture<String> seen = new CompletableFuture<>();
        Thread closer = new Thread(() -> {
            Thread.currentThread().interrupt();
            registration.close();
            seen.complete(runs.get() + " run, interrupted: " + Thread.interrupted());
        });
        closer.start();
        Await.state(closer, Thread.State.WAITING);
        closer.interrupt();
        Await.state(closer, Thread.State.WAITING);
        assertThat(seen).isNotDone();
        registration.stop();
        release.countDown();

        assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo("1 run, interrupted: true");
    }

    @Test
    void letsSeveralThreadsWaitForOneRun() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Registration registration = context.onDone(() -> {
            entered.countDown();
            awaitUninterruptibly(release);
        });
        context.cancel();
        entered.await();
        List<Thread> closers = IntStream.range(0, 4)
                .mapToObj(i -> new Thread(registration::close))
                .toList();
        closers.forEach(Thread::start);
        for (Thread closer : closers) {
            Await.state(closer, Thread.State.WAITING);
        }

        release.countDown();
        for (Thread closer : closers) {
            closer.join(10_000);
            assertThat(closer.isAlive()).isFalse();
        }
    }

    @Test
    void mayBeStoppedAndClosedFromInsideItself() throws Exception {
        AtomicReference<Registration> itself = new AtomicReference<>();
        itself.set(context.onDone(
                () -> {
                    assertThat(itself.get().stop()).isFalse();
                    itself.get().close();
                    runs.incrementAndGet();
                },
                Runnable::run));

        Thread canceler = new Thread(context::cancel, "would wait for itself forever");
        canceler.setDaemon(true);
        canceler.start();
        canceler.join(10_000);

        assertThat(runs).hasValue(1);
    }

    @Test
    void mayRegisterMoreActionsFromInsideItself() {
        context.onDone(() -> context.onDone(runs::incrementAndGet, Runnable::run), Runnable::run);

        context.cancel();

        assertThat(runs).hasValue(1);
        assertThat(Links.of(context)).isZero();
    }

    @Test
    void startsTheActionsOfAContextInTheOrderOfRegistration() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            context.onDone(() -> order.add(number), Runnable::run);
        }

        context.cancel();

        assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void endsTheWholeTreeBeforeTheFirstActionStarts() {
        List<Context> all = new ArrayList<>(List.of(context));
        for (int i = 0; i < 50; i++) {
            all.add(all.get(i / 2).withCancel());
        }
        AtomicInteger active = new AtomicInteger();
        for (Context each : all) {
            each.onDone(
                    () -> {
                        runs.incrementAndGet();
                        all.forEach(other -> active.addAndGet(other.isDone() ? 0 : 1));
                    },
                    Runnable::run);
        }

        context.cancel();

        assertThat(runs).hasValue(51);
        assertThat(active).hasValue(0);
    }

    @Test
    void isolatesAnActionThatThrows() {
        Error failure = new AssertionError("an action's own");
        context.onDone(runs::incrementAndGet, Runnable::run);
        context.onDone(() -> throwIt(failure), Runnable::run);
        context.onDone(runs::incrementAndGet, Runnable::run);

        try (Warnings warnings = Warnings.record()) {
            assertThat(context.cancel()).isTrue();

            assertThat(warnings.messages()).containsExactly("An onDone action failed");
            assertThat(warnings.thrown()).containsExactly(failure);
        }
        assertThat(runs).hasValue(2);
    }

    @Test
    void survivesALogThatThrows() {
        context.onDone(runs::incrementAndGet, Runnable::run);
        context.onDone(() -> throwIt(new AssertionError("an action's own")), Runnable::run);
        context.onDone(runs::incrementAndGet, task -> {
            throw new RejectedExecutionException("full");
        });
        Registration last = context.onDone(runs::incrementAndGet, Runnable::run);

        try (Warnings warnings = Warnings.broken()) {
            assertThat(context.cancel()).isTrue();
            assertThat(warnings.messages()).hasSize(2);
        }
        assertThat(last.stop()).isFalse();
        Await.until(() -> runs.get() == 3);
    }

    @Test
    void runsElsewhereWhatAnExecutorRejects() throws Exception {
        CompletableFuture<Thread> ranOn = new CompletableFuture<>();
        context.onDone(() -> ranOn.complete(Thread.currentThread()), task -> {
            throw new RejectedExecutionException("full");
        });

        try (Warnings warnings = Warnings.record()) {
            context.cancel();

            assertThat(ranOn.get(10, TimeUnit.SECONDS).getName()).startsWith("context");
            assertThat(warnings.messages()).containsExactly("An executor rejected an onDone action; it runs elsewhere");
        }
    }

    @Test
    void runsOnceWhatAnExecutorRunsAndRejects() {
        context.onDone(runs::incrementAndGet, task -> {
            task.run();
            throw new RejectedExecutionException("after all");
        });

        try (Warnings warnings = Warnings.record()) {
            context.cancel();

            assertThat(warnings.messages()).isEmpty();
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void runsOnItsOwnExecutorWithNothingCurrentAndNothingInherited() throws Exception {
        InheritableThreadLocal<String> inheritable = new InheritableThreadLocal<>();
        inheritable.set("the canceler's");
        try {
            CompletableFuture<String> seen = new CompletableFuture<>();
            context.onDone(() -> seen.complete(
                    Thread.currentThread().isDaemon() + " " + CurrentContext.get() + " " + inheritable.get()));

            context.run(context::cancel);

            assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo("true null null");
        } finally {
            inheritable.remove();
        }
    }

    @Test
    void isNotHeldUpByAnActionThatBlocks() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(2);
        context.onDone(others::countDown);
        context.onDone(() -> awaitUninterruptibly(release));
        context.onDone(others::countDown);

        context.cancel();

        assertThat(others.await(10, TimeUnit.SECONDS)).isTrue();
        release.countDown();
    }

    @Test
    void runsOnTheThreadThatLetsTheDeadlinePass() {
        ManualTime time = new ManualTime();
        AtomicReference<Thread> ranOn = new AtomicReference<>();
        time.root().withTimeout(ofSeconds(1)).onDone(() -> ranOn.set(Thread.currentThread()), Runnable::run);

        time.advance(ofSeconds(1));

        assertThat(ranOn).hasValue(Thread.currentThread());
    }

    private static void throwIt(Error error) {
        throw error;
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
