package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Reactor has the context of the thread that subscribes, and threads have that of Reactor. */
@Timeout(60)
class ReactorTests {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SharedAccessor context = new SharedAccessor(new CurrentContextAccessor());
    private final SharedAccessor requestId = new SharedAccessor(new MdcEntryAccessor(new MdcEntry("requestId")));
    private final Scheduler scheduler = Schedulers.newSingle("reactor-tests");
    private final CancelableContext request = Context.background().withCancel();

    @AfterEach
    void nothingIsLeftOnAnyThread() throws Exception {
        Hooks.disableAutomaticContextPropagation();
        MDC.remove("requestId");
        request.close();
        assertThat(here()).isEqualTo("null null");
        AtomicReference<@Nullable String> left = new AtomicReference<>();
        CountDownLatch looked = new CountDownLatch(1);
        scheduler.schedule(() -> {
            left.set(here() + " " + Thread.interrupted());
            looked.countDown();
        });
        assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(left).hasValue("null null false");
        scheduler.dispose();
        context.close();
        requestId.close();
    }

    private static String here() {
        return CurrentContext.get() + " " + MDC.get("requestId");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void operatorsHaveTheContextOfWhoSubscribed(boolean automatic) {
        MDC.put("requestId", "mine");
        if (automatic) {
            Hooks.enableAutomaticContextPropagation();
        }
        // Without automatic propagation some operators restore what the thread is to have, handle() among them.
        Flux<String> seen = Flux.just(1, 2).publishOn(scheduler).handle((any, sink) -> sink.next(here()));

        List<String> all = request.call(
                () -> requireNonNull(seen.contextCapture().collectList().block(PATIENCE)));

        assertThat(all).containsOnly(request + " mine").hasSize(2);
    }

    @Test
    void everyOperatorHasItWithAutomaticPropagation() {
        Hooks.enableAutomaticContextPropagation();
        Mono<String> seen = Mono.just("any").publishOn(scheduler).map(any -> here());

        assertThat(request.<String, RuntimeException>call(
                        () -> requireNonNull(seen.contextCapture().block(PATIENCE))))
                .isEqualTo(request + " null");
        assertThat(seen.block(PATIENCE)).isEqualTo("null null");
    }

    /** As in a reactive chain that calls blocking code: that ends with the context, which only Reactor has. */
    @Test
    void aBlockingCallHasTheContextOfReactor() {
        Hooks.enableAutomaticContextPropagation();
        CountDownLatch waiting = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Mono<String> blocking = Mono.fromCallable(() -> {
                    assertThat(Context.current()).isSameAs(request);
                    waiting.countDown();
                    Context.current().awaitDone();
                    ended.set(true);
                    throw requireNonNull(Context.current().exception());
                })
                .map(String::valueOf)
                .subscribeOn(scheduler)
                .contextWrite(known -> known.put(CurrentContextAccessor.KEY, request));
        Mono<Long> leaving = Mono.fromCallable(() -> waiting.await(20, TimeUnit.SECONDS))
                .map(any -> 1L)
                .doOnNext(any -> request.cancel());

        assertThatThrownBy(
                        () -> blocking.mergeWith(leaving.map(String::valueOf).subscribeOn(Schedulers.boundedElastic()))
                                .blockLast(PATIENCE))
                .isInstanceOf(CanceledException.class);
        assertThat(ended).isTrue();
    }

    // @start region="until done"
    /** Signals the end of {@code ctx} as an error, for {@code Mono.firstWithSignal(mono, endOf(ctx))}. */
    static <T> Mono<T> endOf(Context ctx) {
        return Mono.create(sink -> {
            Context.Registration registration = ctx.onDone(() -> sink.error(requireNonNull(ctx.exception())));
            sink.onDispose(registration::stop);
        });
    }
    // @end

    @Test
    void aMonoEndsWithAContext() {
        AtomicBoolean canceled = new AtomicBoolean();
        CountDownLatch subscribed = new CountDownLatch(1);
        Mono<String> never = Mono.<String>never()
                .doOnSubscribe(any -> subscribed.countDown())
                .doOnCancel(() -> canceled.set(true));
        Thread client = new Thread(() -> {
            try {
                assertThat(subscribed.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            request.cancel();
        });
        client.start();

        assertThatThrownBy(() -> Mono.firstWithSignal(never, endOf(request)).block(PATIENCE))
                .isInstanceOf(CanceledException.class);
        await().untilTrue(canceled);
    }

    @Test
    void aMonoThatCompletesFirstLeavesNothingWithTheContext() {
        AtomicBoolean disposed = new AtomicBoolean();
        CompletableFuture<String> value = new CompletableFuture<>();
        Mono<String> end = ReactorTests.<String>endOf(request)
                .doOnSubscribe(any -> value.completeAsync(() -> "value")) // else nobody need subscribe to it at all
                .doOnCancel(() -> disposed.set(true));

        assertThat(Mono.firstWithSignal(Mono.fromFuture(value), end).block(PATIENCE))
                .isEqualTo("value");
        await().untilTrue(disposed);
    }
}
