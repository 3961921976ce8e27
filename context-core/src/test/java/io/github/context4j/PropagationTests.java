package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("MustBeClosed")
@Timeout(20)
final class PropagationTests {
    private final Context context = Context.background().withCancel();
    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final ExecutorService propagating = Context.propagating(pool);

    @AfterEach
    void leavesNothingCurrentOnAnyThread() throws Exception {
        assertThat(CurrentContext.get()).isNull();
        if (!pool.isShutdown()) {
            assertThat(pool.submit(CurrentContext::get).get()).isNull();
        }
        pool.shutdownNow();
    }

    @Test
    void wrapsTasksOfEachKind() throws Exception {
        List<Context> seen = new ArrayList<>();
        Runnable runnable = context.wrap((Runnable) () -> seen.add(Context.current()));
        Callable<Context> callable = context.wrap((Callable<Context>) Context::current);
        Supplier<Context> supplier = context.wrapSupplier(Context::current);

        Context.todo().run(() -> {
            runnable.run();
            seen.add(callable.call());
            seen.add(supplier.get());
            assertThat(Context.current()).isSameAs(Context.todo());
        });

        assertThat(seen).hasSize(3).allMatch(each -> each == context);
    }

    @Test
    void letsThrowWhatAWrappedTaskThrows() {
        Exception own = new Exception("its own");
        Callable<String> failing = context.wrap((Callable<String>) () -> {
            throw own;
        });

        assertThatThrownBy(failing::call).isSameAs(own);
    }

    @Test
    void wrapsAnExecutorThatCarriesWhatIsCurrentAtTheTimeOfSubmission() throws Exception {
        List<Runnable> queue = new ArrayList<>();
        List<Context> seen = new ArrayList<>();
        Executor executor = Context.propagating((Executor) queue::add);

        context.run(() -> executor.execute(() -> seen.add(Context.current())));
        executor.execute(() -> seen.add(Context.current()));
        Context.todo().run(() -> queue.forEach(Runnable::run));

        assertThat(seen).containsExactly(context, Context.background());
    }

    @Test
    void carriesThroughEveryWayOfSubmission() throws Exception {
        Callable<Context> current = Context::current;
        context.run(() -> {
            assertThat(propagating.submit(current).get()).isSameAs(context);
            assertThat(propagating.invokeAll(List.of(current)).get(0).get()).isSameAs(context);
            assertThat(propagating.invokeAny(List.of(current))).isSameAs(context);
            Runnable check = () -> assertThat(Context.current()).isSameAs(context);
            assertThat(propagating.submit(check).get()).isNull();
            assertThat(propagating.submit(check, "given").get()).isEqualTo("given");
        });
        assertThat(propagating.submit(current).get()).isSameAs(Context.background());
    }

    @Test
    void keepsTheContextOfSubmissionWhenItEndsBeforeTheTaskStarts() throws Exception {
        CancelableContext short_ = Context.background().withCancel();
        CountDownLatch release = new CountDownLatch(1);
        propagating.execute(() -> awaitIgnoring(release));
        Future<Boolean> seen = short_.call(() -> propagating.submit(
                () -> Context.current() == short_ && Context.current().isDone()));

        short_.close();
        release.countDown();

        assertThat(seen.get()).isTrue();
    }

    @Test
    void shutsDownWithTheExecutorItWraps() throws Exception {
        assertThat(propagating.isShutdown()).isFalse();
        propagating.shutdown();

        assertThat(propagating.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(propagating.isShutdown()).isTrue();
        assertThat(propagating.isTerminated()).isTrue();
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    void givesBackTheTasksThatNeverRanAsTheyWereSubmitted() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        propagating.execute(() -> {
            entered.countDown();
            awaitIgnoring(new CountDownLatch(1));
        });
        entered.await();
        Runnable plain = () -> {};
        propagating.execute(plain);
        Future<String> future = propagating.submit(() -> "never");
        Runnable direct = () -> {};
        pool.execute(direct);

        List<Runnable> neverRan = propagating.shutdownNow();

        assertThat(neverRan).hasSize(3).contains(plain, direct).anyMatch(each -> each == future);
    }

    private static void awaitIgnoring(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
