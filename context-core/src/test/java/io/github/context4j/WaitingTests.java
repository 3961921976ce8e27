package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("MustBeClosed")
@Timeout(20)
final class WaitingTests {
    private final ManualTime time = new ManualTime();
    private final CancelableContext context = time.root().withCancel();

    @AfterEach
    void leavesNeitherInterruptNorListenerNorTimer() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(Links.of(context)).isZero();
        assertThat(time.armed()).isZero();
    }

    /** Runs {@code wait} on a thread of its own; it waits when this returns. */
    private static <T> FutureTask<T> waiting(Callable<T> wait) {
        FutureTask<T> task = new FutureTask<>(wait);
        Thread thread = new Thread(task);
        thread.start();
        Await.state(thread, Thread.State.WAITING);
        return task;
    }

    @Test
    void waitsUntilTheContextIsDone() throws Exception {
        FutureTask<Boolean> waiter = waiting(() -> {
            context.awaitDone();
            return Thread.currentThread().isInterrupted();
        });
        assertThat(Links.of(context)).isEqualTo(1);

        context.cancel();

        assertThat(waiter.get()).isFalse();
        context.awaitDone();
    }

    @Test
    void stopsWaitingForTheEndWhenItIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(context::awaitDone).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(Context.background()::awaitDone).isInstanceOf(InterruptedException.class);
    }

    @Test
    void sleepsByTheClockOfTheContext() throws Exception {
        FutureTask<State> sleeper = waiting(() -> {
            context.sleep(ofSeconds(2));
            return new State(context.state(), Thread.currentThread().isInterrupted());
        });

        time.advance(ofSeconds(1));
        assertThat(sleeper.isDone()).isFalse();
        time.advance(ofSeconds(1));

        assertThat(sleeper.get()).isEqualTo(new State(Context.State.ACTIVE, false));
    }

    private record State(Context.State context, boolean interrupted) {}

    @Test
    void sleepsNoLongerThanTheContextLives() {
        CancelableContext timed = context.withTimeout(ofSeconds(1));
        FutureTask<String> late = waiting(() -> sleep(timed));
        FutureTask<String> canceled = waiting(() -> sleep(context));

        time.advance(ofSeconds(1));
        context.cancel();

        assertThatThrownBy(late::get).hasCauseInstanceOf(DeadlineExceededException.class);
        assertThatThrownBy(canceled::get).hasCauseInstanceOf(CanceledException.class);
        assertThatThrownBy(() -> context.sleep(Duration.ZERO)).isInstanceOf(CanceledException.class);
    }

    private static String sleep(Context context) throws InterruptedException {
        context.sleep(ofSeconds(2));
        return "slept";
    }

    @Test
    void doesNotSleepForNoTime() throws Exception {
        context.sleep(Duration.ZERO);
        context.sleep(ofSeconds(-1));
        Context.background().sleep(Duration.ofMillis(1));
    }

    @Test
    void wakesWhenItIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> context.sleep(ofSeconds(1))).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> context.sleep(Duration.ZERO)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void waitsForAFuture() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        FutureTask<String> waiter = waiting(() -> context.await(future));

        future.complete("value");

        assertThat(waiter.get()).isEqualTo("value");
    }

    @Test
    void prefersTheValueOfAFutureToTheEndOfTheContext() throws Exception {
        context.cancel();

        assertThat(context.await(CompletableFuture.completedFuture("value"))).isEqualTo("value");
    }

    @Test
    void leavesAFutureAloneThatItNoLongerWaitsFor() {
        CompletableFuture<String> future = new CompletableFuture<>();
        FutureTask<String> waiter = waiting(() -> context.await(future));

        context.cancel();

        assertThatThrownBy(waiter::get).hasCauseInstanceOf(CanceledException.class);
        assertThat(future).isNotDone();
        assertThat(future.getNumberOfDependents()).isZero();
        assertThatThrownBy(() -> context.await(future)).isInstanceOf(CanceledException.class);
    }

    /** The wait is interrupted, and the value comes before anybody has looked. */
    @Test
    void prefersTheValueThatComesWhileItGivesUp() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>() {
            @Override
            public String get() throws InterruptedException, ExecutionException {
                if (!isDone()) {
                    context.cancel();
                    complete("value");
                    new CountDownLatch(1).await();
                }
                return super.get();
            }
        };
        FutureTask<String> waiter = new FutureTask<>(() -> context.await(future));

        waiter.run();

        assertThat(waiter.get()).isEqualTo("value");
    }

    @Test
    void throwsWhyTheFutureFailed() {
        CompletableFuture<String> failed = CompletableFuture.failedFuture(new IOException("its own"));
        CompletableFuture<String> canceled = new CompletableFuture<>();
        canceled.cancel(false);
        CompletableFuture<String> late = new CompletableFuture<>();
        FutureTask<String> waiter = waiting(() -> context.await(late));
        late.completeExceptionally(new InterruptedException("in a pool"));

        assertThatThrownBy(() -> context.await(failed))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> context.await(canceled))
                .isInstanceOf(java.util.concurrent.CancellationException.class);
        assertThatThrownBy(waiter::get).cause().isInstanceOf(ExecutionException.class);
    }

    @Test
    void stopsWaitingForAFutureWhenAnotherInterrupts() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> context.await(new CompletableFuture<>())).isInstanceOf(InterruptedException.class);
    }

    @Test
    void cancelsFuturesWhenTheContextEnds() {
        CompletableFuture<String> before = context.cancelOnDone(new CompletableFuture<>());
        FutureTask<String> task = context.cancelOnDone(new FutureTask<>(() -> "never"));

        context.cancel();
        CompletableFuture<String> after = context.cancelOnDone(new CompletableFuture<>());

        Await.until(() -> before.isCancelled() && task.isCancelled() && after.isCancelled());
    }

    @Test
    void forgetsFuturesThatComplete() {
        for (int i = 0; i < 10_000; i++) {
            context.cancelOnDone(new CompletableFuture<Integer>()).complete(i);
            context.cancelOnDone(CompletableFuture.completedFuture(i));
        }

        assertThat(Links.of(context)).isZero();
    }

    @Test
    void leavesFuturesAloneThatNothingEnds() {
        CompletableFuture<String> future = Context.background().cancelOnDone(new CompletableFuture<>());

        assertThat(future).isNotDone();
        assertThat(future.getNumberOfDependents()).isZero();
    }
}
