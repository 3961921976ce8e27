package io.github.context4j;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.State;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Why a context ended: one row for each way, and for each order of two. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(60)
final class CauseTests {
    private static final Throwable MINE = new Exception("mine");
    private static final Throwable PARENTS = new Exception("the parent's");
    private static final Throwable SLOW = new Exception("slow");
    private static final Throwable SLOWER = new Exception("slower");
    private static final Throwable CANCELED = End.CANCELED.cause();
    private static final Throwable CLOSED = End.CLOSED.cause();
    private static final Throwable EXCEEDED = End.EXCEEDED.cause();
    private static final Context.Key<String> KEY = Context.Key.named("key");

    static Stream<Arguments> rows() {
        return Stream.of(ofRoots(), ofCancels(), ofParents(), ofTimeouts(), ofStackedTimeouts(), ofWithoutCancel())
                .flatMap(rows -> rows);
    }

    private static Stream<Arguments> ofRoots() {
        return Stream.of(
                row("background", State.ACTIVE, null, time -> Context.background()),
                row("todo", State.ACTIVE, null, time -> Context.todo()),
                row("live", State.ACTIVE, null, time -> time.root().withCancel()),
                row("live value", State.ACTIVE, null, time -> time.root()
                        .withCancel()
                        .withValue(KEY, "")));
    }

    private static Stream<Arguments> ofCancels() {
        return Stream.of(
                row("canceled", State.CANCELED, CANCELED, time -> canceled(time.root(), null)),
                row("canceled with a cause", State.CANCELED, MINE, time -> canceled(time.root(), MINE)),
                row("closed", State.CANCELED, CLOSED, time -> closed(time.root().withCancel())),
                row("canceled without a cause and then with one", State.CANCELED, CANCELED, time -> {
                    CancelableContext context = canceled(time.root(), null);
                    context.cancel(MINE);
                    return context;
                }),
                row(
                        "canceled with a cause and then closed",
                        State.CANCELED,
                        MINE,
                        time -> closed(canceled(time.root(), MINE))),
                row("closed and then canceled", State.CANCELED, CLOSED, time -> {
                    CancelableContext context = closed(time.root().withCancel());
                    context.cancel(MINE);
                    return context;
                }));
    }

    private static Stream<Arguments> ofParents() {
        return Stream.of(
                row("child of a canceled parent", State.CANCELED, PARENTS, time -> canceled(time.root(), PARENTS)
                        .withCancel()),
                row("child of a closed parent", State.CANCELED, CLOSED, time -> closed(
                                time.root().withCancel())
                        .withCancel()),
                row(
                        "canceled child of a canceled parent",
                        State.CANCELED,
                        PARENTS,
                        time -> canceled(canceled(time.root(), PARENTS), MINE)),
                row("child before its parent", State.CANCELED, MINE, time -> {
                    CancelableContext parent = time.root().withCancel();
                    CancelableContext child = canceled(parent, MINE);
                    parent.cancel(PARENTS);
                    return child;
                }),
                row("parent before its child", State.CANCELED, PARENTS, time -> {
                    CancelableContext parent = time.root().withCancel();
                    CancelableContext child = parent.withCancel();
                    parent.cancel(PARENTS);
                    child.cancel(MINE);
                    return child;
                }),
                row("parent of a canceled child", State.ACTIVE, null, time -> {
                    CancelableContext parent = time.root().withCancel();
                    canceled(parent, MINE);
                    return parent;
                }),
                row("late child of a canceled parent", State.CANCELED, PARENTS, time -> canceled(time.root(), PARENTS)
                        .withTimeout(ofSeconds(0), SLOW)),
                row("value over a canceled parent", State.CANCELED, PARENTS, time -> canceled(time.root(), PARENTS)
                        .withValue(KEY, "")));
    }

    private static Stream<Arguments> ofTimeouts() {
        return Stream.of(
                row(
                        "time-out",
                        State.DEADLINE_EXCEEDED,
                        EXCEEDED,
                        time -> after(time, time.root().withTimeout(ofSeconds(1)))),
                row(
                        "time-out with a cause",
                        State.DEADLINE_EXCEEDED,
                        SLOW,
                        time -> after(time, time.root().withTimeout(ofSeconds(1), SLOW))),
                row("time-out with a cause, canceled", State.CANCELED, CANCELED, time -> {
                    CancelableContext context = time.root().withTimeout(ofSeconds(1), SLOW);
                    context.cancel();
                    return after(time, context);
                }),
                row("time-out with a cause, canceled with another", State.CANCELED, MINE, time -> {
                    CancelableContext context = time.root().withTimeout(ofSeconds(1), SLOW);
                    context.cancel(MINE);
                    return after(time, context);
                }),
                row(
                        "time-out with a cause, closed",
                        State.CANCELED,
                        CLOSED,
                        time -> after(time, closed(time.root().withTimeout(ofSeconds(1), SLOW)))),
                row("time-out canceled too late", State.DEADLINE_EXCEEDED, SLOW, time -> {
                    CancelableContext context = time.root().withTimeout(ofSeconds(1), SLOW);
                    after(time, context);
                    context.cancel(MINE);
                    return context;
                }),
                row("deadline in the past", State.DEADLINE_EXCEEDED, SLOW, time -> {
                    Deadline past = time.root().withTimeout(ofSeconds(1)).deadline();
                    time.advance(ofSeconds(2));
                    return time.root().withDeadline(past, SLOW);
                }),
                row("deadline right now", State.DEADLINE_EXCEEDED, EXCEEDED, time -> {
                    Deadline now = time.root().withTimeout(ofSeconds(1)).deadline();
                    time.advance(ofSeconds(1));
                    return time.root().withDeadline(now);
                }));
    }

    private static Stream<Arguments> ofStackedTimeouts() {
        return Stream.of(
                row(
                        "inner time-out first",
                        State.DEADLINE_EXCEEDED,
                        SLOW,
                        time -> after(
                                time,
                                time.root().withTimeout(ofSeconds(2), SLOWER).withTimeout(ofSeconds(1), SLOW))),
                row(
                        "outer time-out first",
                        State.DEADLINE_EXCEEDED,
                        SLOW,
                        time -> after(
                                time,
                                time.root().withTimeout(ofSeconds(1), SLOW).withTimeout(ofSeconds(2), SLOWER))),
                row("outer time-out, inner canceled", State.CANCELED, MINE, time -> {
                    CancelableContext inner =
                            time.root().withTimeout(ofSeconds(1), SLOW).withTimeout(ofSeconds(2), SLOWER);
                    inner.cancel(MINE);
                    return after(time, inner);
                }),
                row("outer time-out canceled", State.CANCELED, MINE, time -> {
                    CancelableContext outer = time.root().withTimeout(ofSeconds(1), SLOW);
                    CancelableContext inner = outer.withTimeout(ofSeconds(2), SLOWER);
                    outer.cancel(MINE);
                    return after(time, inner);
                }),
                row("cancel of a time-out's parent", State.CANCELED, PARENTS, time -> {
                    CancelableContext parent = time.root().withCancel();
                    CancelableContext timed = parent.withTimeout(ofSeconds(1), SLOW);
                    parent.cancel(PARENTS);
                    return after(time, timed);
                }),
                row("outer time-out after the inner one", State.DEADLINE_EXCEEDED, SLOWER, time -> {
                    CancelableContext outer = time.root().withTimeout(ofSeconds(2), SLOWER);
                    after(time, outer.withTimeout(ofSeconds(1), SLOW));
                    return after(time, outer);
                }));
    }

    private static Stream<Arguments> ofWithoutCancel() {
        return Stream.of(
                row("without cancel over a canceled parent", State.ACTIVE, null, time -> canceled(time.root(), PARENTS)
                        .withoutCancel()),
                row("without cancel over a parent canceled later", State.ACTIVE, null, time -> {
                    CancelableContext parent = time.root().withCancel();
                    Context detached = parent.withoutCancel();
                    parent.cancel(PARENTS);
                    return detached;
                }),
                row(
                        "cancel below without cancel",
                        State.CANCELED,
                        MINE,
                        time -> canceled(canceled(time.root(), PARENTS).withoutCancel(), MINE)),
                row(
                        "time-out below without cancel",
                        State.DEADLINE_EXCEEDED,
                        SLOW,
                        time -> after(
                                time,
                                canceled(time.root(), PARENTS).withoutCancel().withTimeout(ofSeconds(1), SLOW))));
    }

    private static Arguments row(
            String name, State state, @Nullable Throwable cause, Function<ManualTime, Context> made) {
        return Arguments.of(Named.of(name, made), state, cause);
    }

    private static CancelableContext canceled(Context parent, @Nullable Throwable cause) {
        CancelableContext context = parent.withCancel();
        boolean decided = cause == null ? context.cancel() : context.cancel(cause);
        assertThat(decided || parent.isDone()).isTrue();
        return context;
    }

    private static CancelableContext closed(CancelableContext context) {
        context.close();
        return context;
    }

    private static Context after(ManualTime time, Context context) {
        time.advance(ofSeconds(1));
        return context;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isWhatEndedTheContextFirst(Function<ManualTime, Context> made, State state, @Nullable Throwable cause) {
        Context context = made.apply(new ManualTime());

        assertThat(context.state()).isEqualTo(state);
        assertThat(context.cause()).isSameAs(cause);
        ContextException exception = context.exception();
        assertThat(exception == null).isEqualTo(cause == null);
        if (exception != null) {
            boolean plain = cause == CANCELED || cause == CLOSED || cause == EXCEEDED;
            assertThat(exception.getCause()).isSameAs(plain ? null : cause);
            assertThat(exception instanceof DeadlineExceededException).isEqualTo(state == State.DEADLINE_EXCEEDED);
        }
    }

    /** Whoever sees the end sees why, and nobody ever sees another cause. */
    @Test
    void isSeenWithTheEndAndNeverChanges() {
        record Round(CancelableContext parent, CancelableContext child, AtomicReference<Throwable> seen) {}
        Exception one = new Exception("one");
        Exception other = new Exception("other");
        AtomicInteger sawEnd = new AtomicInteger();
        Race.run(
                () -> {
                    CancelableContext parent = Context.background().withCancel();
                    return new Round(parent, parent.withCancel(), new AtomicReference<>());
                },
                round -> {
                    round.child.cancel(one);
                    round.parent.cancel(other);
                },
                round -> {
                    Throwable before = round.child.cause();
                    boolean done = round.child.isDone();
                    Throwable after = round.child.cause();
                    assertThat(before != null && !done).isFalse();
                    assertThat(done && after == null).isFalse();
                    assertThat(before != null && before != after).isFalse();
                    sawEnd.addAndGet(after == null ? 0 : 1);
                    round.parent.cancel(one);
                    round.seen.set(round.child.cause());
                },
                round -> {
                    assertThat(round.seen).hasValue(round.child.cause());
                    assertThat(round.child.cause()).isSameAs(one);
                });
        assertThat(sawEnd.get()).isBetween(1, Race.ROUNDS - 1);
    }

    @Test
    void isThatOfTheOneCallThatSaysItDecided() throws Exception {
        for (int round = 0; round < Race.ROUNDS / 50; round++) {
            CancelableContext context = Context.background().withCancel();
            Context below = context.withValue(KEY, "").withCancel();
            List<Throwable> winners = new ArrayList<>();
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Exception own = new Exception("cause " + i);
                threads.add(new Thread(() -> {
                    awaitUninterruptibly(start);
                    if (context.cancel(own)) {
                        synchronized (winners) {
                            winners.add(own);
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(winners).hasSize(1).containsExactly(context.cause());
            assertThat(below.cause()).isSameAs(context.cause());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
