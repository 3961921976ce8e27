package io.github.context4j;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Arming, disarming and firing on the real timer thread, in real time. In turn, a timer that is armed is either taken back or
 * fires, once and not early; so it has to be in whichever order the steps meet.
 */
@SuppressWarnings("MustBeClosed")
@Timeout(600)
final class TimerThreadRaceTests {
    /** Not much longer than what the timers take, so that the thread goes and comes back all the time. */
    private static final int IDLE_NANOS = 100_000;

    private final AtomicInteger fired = new AtomicInteger();
    private final AtomicInteger takenBack = new AtomicInteger();
    private TimerThread timer = new TimerThread(IDLE_NANOS);

    /** One timer, and what became of it. */
    private final class Armed {
        final AtomicInteger runs = new AtomicInteger();
        final CancelableContext context;
        volatile boolean early;
        boolean canceled;

        Armed(int nanos) {
            long due = System.nanoTime() + nanos;
            context = new RootContext("test", null, timer).withTimeout(Duration.ofNanos(nanos));
            context.onDone(
                    () -> {
                        early = context.state() == State.DEADLINE_EXCEEDED && System.nanoTime() - due < 0;
                        runs.incrementAndGet();
                    },
                    Runnable::run);
        }

        void cancel() {
            canceled = context.cancel();
        }

        void check() {
            Await.until(() -> runs.get() > 0);
            assertThat(runs).hasValue(1);
            assertThat(early).isFalse();
            assertThat(context.state()).isEqualTo(canceled ? State.CANCELED : State.DEADLINE_EXCEEDED);
            (canceled ? takenBack : fired).incrementAndGet();
        }
    }

    private final class Round {
        final Armed before = new Armed(nanos());
        volatile Armed left = before;
        volatile Armed right = before;
    }

    private static int nanos() {
        return ThreadLocalRandom.current().nextInt(1, 2 * IDLE_NANOS);
    }

    private static void pause() {
        long end = System.nanoTime() + nanos();
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }

    /** Both arm while the thread fires, sleeps or is about to go; one takes its timers back at once, or too late. */
    @Test
    void aTimerFiresOrIsTakenBackWhileTheThreadComesAndGoes() {
        Race.run(
                Race.ROUNDS / 2,
                Round::new,
                round -> {
                    round.left = new Armed(nanos());
                    round.before.cancel();
                },
                round -> {
                    pause();
                    round.right = new Armed(nanos());
                    if (ThreadLocalRandom.current().nextBoolean()) {
                        pause();
                        round.right.cancel();
                    }
                },
                round -> {
                    round.before.check();
                    round.left.check();
                    round.right.check();
                });
        assertThat(timer.armed()).isZero();
        assertThat(fired).hasPositiveValue();
        assertThat(takenBack).hasPositiveValue();
    }

    /** Nobody arms another timer that would bring the thread back. */
    @Test
    void aTimerIsServedThatIsArmedWhileTheThreadGoes() {
        timer = new TimerThread(1);
        for (int i = 0; i < Race.ROUNDS; i++) {
            new Armed(1 + ThreadLocalRandom.current().nextInt(1_000)).check();
            for (int spins = ThreadLocalRandom.current().nextInt(1_000); spins > 0; spins--) {
                Thread.onSpinWait();
            }
        }
        assertThat(fired).hasValue(Race.ROUNDS);
    }

    /** Nothing but the signal of the timer wakes the thread in time. */
    @Test
    void aTimerIsServedThatIsArmedWhileTheThreadGoesToSleep() {
        timer = new TimerThread(ofHours(1).toNanos());
        CancelableContext late = new RootContext("test", null, timer).withTimeout(ofHours(1));
        Race.run(
                Race.ROUNDS / 5,
                Round::new,
                round -> round.left = new Armed(1 + ThreadLocalRandom.current().nextInt(IDLE_NANOS)),
                round -> {
                    pause();
                    round.right = new Armed(1 + ThreadLocalRandom.current().nextInt(IDLE_NANOS));
                },
                round -> {
                    round.before.check();
                    round.left.check();
                    round.right.check();
                });
        assertThat(timer.armed()).isOne();
        late.close();
        assertThat(timer.armed()).isZero();
    }

    @Test
    void noTimerIsLostWhileManyComeAndGo() {
        List<CancelableContext> left = new ArrayList<>();
        List<CancelableContext> right = new ArrayList<>();
        Race.run(
                Race.ROUNDS / 10,
                Round::new,
                round -> armAndTakeBack(left, 50),
                round -> armAndTakeBack(right, 50),
                round -> {
                    round.before.check();
                    assertThat(timer.armed()).isEqualTo(left.size() + right.size());
                });
        left.forEach(CancelableContext::close);
        right.forEach(CancelableContext::close);
        assertThat(timer.armed()).isZero();
    }

    /** Leaves every tenth, and takes the newest back first or the oldest. */
    private void armAndTakeBack(List<CancelableContext> kept, int count) {
        Context root = new RootContext("test", null, timer);
        Deque<CancelableContext> armed = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            armed.add(root.withTimeout(ofSeconds(ThreadLocalRandom.current().nextInt(600, 6_000))));
        }
        for (int i = 0; i < count; i++) {
            CancelableContext one = i % 2 == 0 ? armed.removeFirst() : armed.removeLast();
            if (i % 10 == 0) {
                kept.add(one);
            } else {
                one.close();
            }
        }
    }
}
