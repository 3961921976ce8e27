package io.github.context4j.spring.aop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.autoconfigure.ContextAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowingConsumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

@Timeout(60)
class DependencyResultTests implements ContextObserver {
    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(ContextAutoConfiguration.class))
            .withBean(ContextObserver.class, () -> this)
            .withBean(Client.class)
            .withPropertyValues("context.dependencies.slow.timeout=1h", "context.dependencies.fast.timeout=20ms");

    @Override
    public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
        ended.add(call.dependency().name() + " " + outcome);
    }

    /** A future of its own type, as clients have them. */
    static final class Reply<T> extends CompletableFuture<T> {}

    static class Client {
        final Reply<String> reply = new Reply<>();
        final FutureTask<String> task = new FutureTask<>(() -> "value");
        private volatile @Nullable Context seen;

        Context context() {
            return requireNonNull(seen, "seen");
        }

        private void see() {
            seen = Context.current();
        }

        @Dependency("slow")
        CompletableFuture<String> slow() {
            see();
            return reply;
        }

        @Dependency("slow")
        CompletionStage<String> stage() {
            see();
            return reply.minimalCompletionStage();
        }

        @Dependency("slow")
        Reply<String> own() {
            see();
            return reply;
        }

        @Dependency("slow")
        Future<String> task() {
            see();
            return task;
        }

        @Dependency("fast")
        CompletableFuture<String> fast() {
            return reply;
        }

        @Dependency("fast")
        Future<String> fastTask() {
            return task;
        }

        /** Whoever calls it may cast the result to what it is. */
        @Dependency("slow")
        @SuppressWarnings("FutureReturnValueIgnored") // it is returned
        Object untyped() {
            return reply;
        }

        @Dependency("slow")
        <F extends CompletionStage<String>> F typedByTheCaller(F future) {
            return future;
        }

        @Dependency("slow")
        <T> T same(T future) {
            return future;
        }

        @Dependency("slow")
        CompletableFuture<String> failing() {
            see();
            throw new IllegalStateException("at once");
        }
    }

    private void with(ThrowingConsumer<Client> test) {
        runner.run(context -> {
            test.accept(context.getBean(Client.class));
            Awaitility.await()
                    .until(() ->
                            context.getBean(DependencyCalls.class).inFlight().isEmpty());
        });
    }

    /** The fields of the bean itself: those of its proxy are not set. */
    private static Client target(Client bean) {
        return requireNonNull((Client) org.springframework.aop.framework.AopProxyUtils.getSingletonTarget(bean));
    }

    @Test
    void aStageKeepsItsContextOpenUntilItCompletes() {
        with(client -> {
            CompletableFuture<String> result = client.slow();
            assertThat(target(client).context().isDone()).isFalse();
            assertThat(ended).isEmpty();

            target(client).reply.complete("value");

            assertThat(result.get()).isEqualTo("value");
            assertThat(target(client).context().isDone()).isTrue();
            assertThat(ended).containsExactly("slow COMPLETED");
        });
    }

    @Test
    void aStageFailsAsTheOneOfTheMethodDoes() {
        with(client -> {
            CompletionStage<String> result = client.stage();
            target(client).reply.completeExceptionally(new IllegalStateException("later"));

            assertThatThrownBy(() -> result.toCompletableFuture().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(IllegalStateException.class);
            assertThat(ended).containsExactly("slow FAILED");
        });
    }

    @Test
    void aMethodThatFailsAtOnceIsOver() {
        with(client -> {
            assertThatThrownBy(client::failing).isInstanceOf(IllegalStateException.class);
            assertThat(target(client).context().isDone()).isTrue();
            assertThat(ended).containsExactly("slow FAILED");
        });
    }

    @Test
    void aStageEndsWithTheTimeoutAndIsCanceled() {
        with(client -> {
            CompletableFuture<String> result = client.fast();

            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class);
            Awaitility.await().until(() -> target(client).reply.isCancelled());
            assertThat(ended).containsExactly("fast DEADLINE_EXCEEDED");
        });
    }

    @Test
    void aStageEndsWithTheCaller() {
        with(client -> {
            CompletableFuture<String> result;
            try (CancelableContext caller = Context.background().withCancel()) {
                result = caller.call(client::slow);
                caller.cancel();
            }
            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(CanceledException.class);
            assertThat(ended).containsExactly("slow CANCELED");
        });
    }

    @Test
    void whoCancelsTheResultCancelsThatOfTheMethod() {
        with(client -> {
            client.slow().cancel(true);

            assertThat(target(client).reply.isCancelled()).isTrue();
            assertThat(ended).containsExactly("slow FAILED");
        });
    }

    @Test
    void aResultOfAnotherTypeIsPassedOnAsItIsAndCanceled() {
        with(client -> {
            Reply<String> result;
            try (CancelableContext caller = Context.background().withCancel()) {
                result = caller.call(client::own);
                assertThat(result).isSameAs(target(client).reply);
                assertThat(target(client).context().isDone()).isFalse();
            }
            Awaitility.await().until(result::isCancelled);
            Awaitility.await().until(() -> ended.equals(List.of("slow CANCELED")));
        });
    }

    @Test
    void aPlainFutureKeepsItsContextOpenUntilItsResultIsAskedFor() {
        with(client -> {
            Future<String> result = client.task();
            target(client).task.run();
            assertThat(target(client).context().isDone()).isFalse();

            assertThat(result.get()).isEqualTo("value");
            assertThat(target(client).context().isDone()).isTrue();
            assertThat(ended).containsExactly("slow COMPLETED");
        });
    }

    @Test
    void aPlainFutureEndsWithTheTimeoutAndIsCanceled() {
        with(client -> {
            Future<String> result = client.fastTask();

            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class);
            assertThat(target(client).task.isCancelled()).isTrue();
            assertThat(ended).containsExactly("fast DEADLINE_EXCEEDED");
        });
    }

    @Test
    void aResultOfAnErasedTypeIsPassedOnAsItIsAndCanceled() {
        with(client -> {
            Reply<?> untyped;
            Reply<String> typed;
            FutureTask<String> task;
            try (CancelableContext caller = Context.background().withCancel()) {
                untyped = caller.call(() -> (Reply<?>) client.untyped());
                typed = caller.call(() -> client.typedByTheCaller(new Reply<>()));
                task = caller.call(() -> client.same(target(client).task));
                assertThat(untyped).isSameAs(target(client).reply);
                assertThat(task).isSameAs(target(client).task);
            }
            Awaitility.await().until(() -> untyped.isCancelled() && typed.isCancelled());
        });
    }

    @Test
    void aPlainCompletableFutureFailsWithTheContextWhateverTheMethodDeclares() {
        with(client -> {
            CompletableFuture<String> result;
            try (CancelableContext caller = Context.background().withCancel()) {
                result = caller.call(() -> client.same(new CompletableFuture<>()));
            }
            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(CanceledException.class);
        });
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // it is looked at
    void observingCancelsNoFutureAndCountsWhatWouldHaveBeen() {
        runner.withPropertyValues("context.mode=observe").run(context -> {
            Client client = context.getBean(Client.class);
            Reply<String> reply = target(client).reply;
            try (CancelableContext caller = Context.background().withCancel()) {
                assertThat(caller.call(client::fast)).isSameAs(reply);
                assertThat(caller.call(client::own)).isSameAs(reply);
                assertThat(caller.call(client::stage)).isNotNull();
                assertThat(caller.<Object, RuntimeException>call(client::fastTask))
                        .isSameAs(target(client).task);
            }
            assertThatThrownBy(() -> reply.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(target(client).task.isCancelled()).isFalse();

            reply.complete("value");

            assertThat(ended)
                    .contains("fast DEADLINE_EXCEEDED", "slow COMPLETED")
                    .hasSize(4);
        });
    }
}
