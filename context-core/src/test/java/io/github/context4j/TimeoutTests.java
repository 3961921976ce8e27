package io.github.context4j;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
final class TimeoutTests {
    private final ManualTime time = new ManualTime();
    private final Context root = time.root();

    @Test
    void endsTheContextWhenItsTimeIsOver() {
        CancelableContext context = root.withTimeout(ofSeconds(1));

        time.advance(ofSeconds(1).minusNanos(1));
        assertThat(context.state()).isEqualTo(Context.State.ACTIVE);
        assertThat(context.exception()).isNull();
        time.advance(ofNanos(1));

        assertThat(context.state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
        assertThat(context.cause()).isInstanceOf(DeadlineExceededException.class);
        assertThat(context.exception())
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessage("context deadline exceeded")
                .hasNoCause();
        assertThatThrownBy(context::throwIfDone).isInstanceOf(DeadlineExceededException.class);
        assertThat(context.cancel()).isFalse();
        assertThat(time.armed()).isZero();
    }

    @Test
    void endsTheDescendantsWithTheSameCause() {
        Exception slow = new Exception("slow");
        CancelableContext context = root.withTimeout(ofSeconds(1), slow);
        CancelableContext child = context.withCancel();

        time.advance(ofSeconds(1));

        assertThat(child.state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
        assertThat(child.cause()).isSameAs(slow);
        assertThat(child.exception())
                .hasMessage("context deadline exceeded: slow")
                .hasCause(slow);
    }

    @Test
    void takesACauseForADeadlineToo() {
        Exception slow = new Exception("slow");
        Deadline deadline = root.withTimeout(ofSeconds(1)).deadline();
        CancelableContext context = root.withDeadline(deadline, slow);
        CancelableContext canceled = root.withDeadline(deadline, slow);
        canceled.cancel();

        time.advance(ofSeconds(1));

        assertThat(context.cause()).isSameAs(slow);
        assertThat(canceled.cause()).hasMessage("context canceled");
    }

    @Test
    void isDoneAtOnceWhereNoTimeIsGiven() {
        for (Duration none : List.of(Duration.ZERO, ofNanos(-1), ofSeconds(Long.MIN_VALUE))) {
            CancelableContext parent = root.withCancel();
            CancelableContext context = parent.withTimeout(none);

            assertThat(context.state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
            assertThat(time.armed()).isZero();
            assertThat(Links.of(parent)).isZero();
            assertThat(parent.isDone()).isFalse();
        }
    }

    @Test
    void isDoneAtOnceWhereTheDeadlineHasPassed() {
        Deadline past = root.withTimeout(ofSeconds(1)).deadline();
        time.advance(ofSeconds(1));
        Exception slow = new Exception("slow");

        assertThat(root.withDeadline(past).state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
        assertThat(root.withDeadline(past, slow).cause()).isSameAs(slow);
    }

    @Test
    void isCanceledRatherThanLateUnderAParentThatWasCanceled() {
        CancelableContext parent = root.withCancel();
        parent.cancel();

        assertThat(parent.withTimeout(Duration.ZERO).state()).isEqualTo(Context.State.CANCELED);
        assertThat(parent.withTimeout(ofSeconds(1)).state()).isEqualTo(Context.State.CANCELED);
        assertThat(time.armed()).isZero();
    }

    @Test
    void keepsTheEarlierDeadlineOfItsParent() {
        Exception slow = new Exception("slow");
        CancelableContext parent = root.withTimeout(ofSeconds(1), slow);
        CancelableContext later = parent.withTimeout(ofSeconds(2), new Exception("never"));
        CancelableContext equal = parent.withDeadline(parent.deadline(), new Exception("never"));

        assertThat(later.deadline()).isEqualTo(parent.deadline());
        assertThat(time.armed()).isEqualTo(1);
        time.advance(ofSeconds(1));

        assertThat(later.cause()).isSameAs(slow);
        assertThat(equal.cause()).isSameAs(slow);
    }

    @Test
    void endsBeforeItsParentWhereItsDeadlineIsEarlier() {
        CancelableContext parent = root.withTimeout(ofSeconds(2));
        CancelableContext child = parent.withTimeout(ofSeconds(1));

        assertThat(child.deadline()).isLessThan(parent.deadline());
        time.advance(ofSeconds(1));

        assertThat(child.isDone()).isTrue();
        assertThat(parent.isDone()).isFalse();
        assertThat(Links.of(parent)).isZero();
    }

    @Test
    void isDisarmedByCloseAndByTheEndOfItsParent() {
        CancelableContext parent = root.withCancel();
        CancelableContext first = parent.withTimeout(ofSeconds(1));
        parent.withTimeout(ofSeconds(2)).withTimeout(ofSeconds(1));
        assertThat(time.armed()).isEqualTo(3);

        first.close();
        assertThat(time.armed()).isEqualTo(2);
        parent.cancel();
        assertThat(time.armed()).isZero();
        time.advance(ofSeconds(3));

        assertThat(first.state()).isEqualTo(Context.State.CANCELED);
    }

    @Test
    void hasNoDeadlineBehindAWithoutCancel() {
        Context detached = root.withTimeout(ofSeconds(1)).withoutCancel();
        CancelableContext below = detached.withTimeout(ofSeconds(2));

        time.advance(ofSeconds(1));
        assertThat(detached.deadline()).isNull();
        assertThat(detached.isDone()).isFalse();
        assertThat(below.isDone()).isFalse();
        time.advance(ofSeconds(1));

        assertThat(below.isDone()).isTrue();
    }

    @Test
    void inheritsTheDeadlineThroughValues() {
        CancelableContext parent = root.withTimeout(ofSeconds(1));

        Context child = parent.withValue(Context.Key.named("key"), 1);

        assertThat(child.deadline()).isSameAs(parent.deadline());
        assertThat(child.withCancel().deadline()).isSameAs(parent.deadline());
        assertThat(parent.toString()).isEqualTo("Context[ACTIVE, Deadline[in PT1S]]");
    }

    @Test
    void refusesADeadlineOfAnotherClock() {
        assertThatThrownBy(() -> root.withDeadline(Deadline.after(ofSeconds(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another clock");
    }

    @Test
    void holdsOnTheRealClock() throws Exception {
        long start = System.nanoTime();
        CountDownLatch done = new CountDownLatch(1);
        CancelableContext context = Context.background().withTimeout(ofMillis(50));
        context.onDone(done::countDown);

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(ofMillis(50), ofSeconds(20));
        assertThat(context.deadline().isExpired()).isTrue();
        assertThat(context.state()).isEqualTo(Context.State.DEADLINE_EXCEEDED);
    }

    @Test
    void leavesNothingBehindWhereTheTimerCannotBeArmed() {
        CancelableContext parent = new RootContext("test", null, new BrokenTicker()).withCancel();
        List<CancelableContext> made = new ArrayList<>();

        assertThatThrownBy(() -> made.add(parent.withTimeout(ofSeconds(1))))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("no thread");

        assertThat(made).isEmpty();
        assertThat(Links.of(parent)).isZero();
        assertThat(parent.isDone()).isFalse();
    }

    /** A clock that has no thread for its timers. */
    private static final class BrokenTicker implements Ticker {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public java.time.Instant instant() {
            return java.time.Instant.EPOCH;
        }

        @Override
        public void arm(CancelNode.Timed node) {
            throw new OutOfMemoryError("no thread");
        }

        @Override
        public void disarm(CancelNode.Timed node) {}
    }
}
