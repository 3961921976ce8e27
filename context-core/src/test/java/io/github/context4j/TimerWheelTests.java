package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelNode.Timed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TimerWheelTests {
    private static final long[] ORIGINS = {0, 123_456_789, -5, Long.MAX_VALUE - 1_000_000_000, Long.MIN_VALUE};

    /** The spans of all levels: from nanoseconds to years. */
    private static final int MAX_BITS = 60;

    /** In every step, what is due has been taken and nothing else, and nobody would sleep for too long. */
    @RepeatedTest(50)
    void agreesWithAListThroughRandomOperations(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        long origin = ORIGINS[repetition.getCurrentRepetition() % ORIGINS.length];
        int maxBits = 10 + random.nextInt(MAX_BITS - 10);
        TimerWheel wheel = new TimerWheel(origin);
        List<Timed> model = new ArrayList<>();
        long now = origin;
        for (int i = 0; i < 2_000; i++) {
            int step = random.nextInt(10);
            if (step < 6) {
                Timed node = node(now + span(random, maxBits) - 100);
                model.add(node);
                wheel.add(node);
            } else if (step < 8 && !model.isEmpty()) {
                Timed any = model.remove(random.nextInt(model.size()));
                wheel.remove(any);
                wheel.remove(any);
            } else {
                long wait = wheel.next(now);
                boolean exactly = random.nextBoolean() && wait < Long.MAX_VALUE;
                now += exactly ? wait : Math.min(span(random, maxBits), (1L << MAX_BITS) - (now - origin));
                assertTakesWhatIsDue(wheel, model, now);
            }
            assertThat(wheel.size()).isEqualTo(model.size());
            assertNotLate(wheel, model, now);
        }
    }

    private static void assertTakesWhatIsDue(TimerWheel wheel, List<Timed> model, long now) {
        Queue<Timed> due = new ArrayDeque<>();
        wheel.takeDue(now, due, Integer.MAX_VALUE);
        assertThat(due)
                .containsExactlyInAnyOrderElementsOf(
                        model.stream().filter(node -> node.at() - now <= 0).toList());
        model.removeAll(due);
    }

    private static void assertNotLate(TimerWheel wheel, List<Timed> model, long now) {
        long wait = wheel.next(now);
        if (model.isEmpty()) {
            assertThat(wait).isEqualTo(TimerWheel.NEVER);
        }
        for (Timed node : model) {
            assertThat(wait).isLessThanOrEqualTo(Math.max(0, node.at() - now));
        }
    }

    /** No tick: where nothing was removed, who sleeps until the next timer finds it due. */
    @Test
    void knowsExactlyWhenTheNextIsDue() {
        Random random = new Random(1);
        TimerWheel wheel = new TimerWheel(0);
        PriorityQueue<Timed> model = new PriorityQueue<>(Timed.EARLIEST_FIRST);
        for (int i = 0; i < 1_000; i++) {
            Timed node = node(1 + span(random, 50));
            wheel.add(node);
            model.add(node);
        }
        long now = 0;
        Queue<Timed> due = new ArrayDeque<>();
        while (wheel.size() > 0) {
            now += wheel.next(now);
            wheel.takeDue(now, due, Integer.MAX_VALUE);
            assertThat(due).isNotEmpty();
            while (!due.isEmpty()) {
                Timed expected = model.remove();
                assertThat(expected.at()).isEqualTo(now);
                assertThat(due.remove().at()).isEqualTo(now);
            }
        }
        assertThat(model).isEmpty();
    }

    @Test
    void takesNoMoreThanThereIsRoomForAndTheRestNextTime() {
        TimerWheel wheel = new TimerWheel(0);
        for (int i = 0; i < 100; i++) {
            wheel.add(node(1 + i));
        }
        Queue<Timed> due = new ArrayDeque<>();
        wheel.takeDue(90, due, 64);
        assertThat(due).hasSize(64);
        assertThat(wheel.size()).isEqualTo(36);
        assertThat(wheel.next(90)).isZero();

        wheel.takeDue(90, due, 1_000);
        assertThat(due).hasSize(90).doesNotHaveDuplicates();
        assertThat(wheel.next(90)).isEqualTo(1);
    }

    @Test
    void forgetsTheNeighborsOfWhatItGivesUp() {
        TimerWheel wheel = new TimerWheel(0);
        List<Timed> nodes = List.of(node(1), node(2), node(3), node(4));
        nodes.forEach(wheel::add);
        wheel.remove(nodes.get(1));
        wheel.takeDue(3, new ArrayDeque<>(), 10);

        assertThat(nodes.subList(0, 3)).allSatisfy(node -> {
            assertThat(node.nextTimer).isNull();
            assertThat(node.previousTimer).isNull();
            assertThat(node.slot).isNegative();
        });
        assertThat(wheel.size()).isEqualTo(1);
        wheel.remove(node(5));
        assertThat(wheel.size()).isEqualTo(1);
    }

    /** Who comes late to a slot of a higher level takes the earliest of it first, to a millisecond. */
    @Test
    void takesTheEarliestFirstHoweverLate() {
        TimerWheel wheel = new TimerWheel(0);
        for (int i = 0; i < 1_000; i++) {
            wheel.add(node(5_000_000_000L + i * 3_000_000L));
        }
        Queue<Timed> due = new ArrayDeque<>();
        long last = 0;
        while (wheel.size() > 0) {
            wheel.takeDue(9_000_000_000L, due, 64);
            for (Timed next = due.poll(); next != null; next = due.poll()) {
                assertThat(next.at()).isGreaterThan(last - (1L << 20));
                last = Math.max(last, next.at());
            }
        }
    }

    /** A batch costs what is in it, not what is left in the slot. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void takesManyOfOneTimeInLinearTime() {
        TimerWheel wheel = new TimerWheel(0);
        BaseContext root = (BaseContext) new ManualTime(1).root();
        Deadline deadline = Deadline.after(Duration.ofMillis(10), root.ticker());
        for (int i = 0; i < 500_000; i++) {
            wheel.add(Timed.of(root, deadline, null));
        }
        Queue<Timed> due = new ArrayDeque<>();
        while (wheel.size() > 0) {
            if (Thread.interrupted()) {
                throw new AssertionError("too slow");
            }
            wheel.takeDue(deadline.nanos(), due, 4);
            due.clear();
        }
    }

    /** The base moves with the time, and not back; shown by the level of what is added. */
    @Test
    void movesTimersDownWithTheTimeAndNotBack() {
        TimerWheel wheel = new TimerWheel(0);
        Queue<Timed> due = new ArrayDeque<>();
        wheel.takeDue(1L << 40, due, 64);
        Timed near = node((1L << 40) + (3L << 20));
        wheel.add(near);
        assertThat(near.slot).isEqualTo((short) 3); // in the lowest level
        wheel.takeDue(1L << 30, due, 64); // an older time changes nothing
        Timed next = node((1L << 40) + (4L << 20));
        wheel.add(next);
        assertThat(next.slot).isEqualTo((short) 4); // again
        assertThat(due).isEmpty();
    }

    /** The rest of a slot is where it was; one that is late is not put before the time that has come. */
    @Test
    void doesNotGoBackToTheBeginningOfASlot() {
        TimerWheel wheel = new TimerWheel(0);
        Queue<Timed> due = new ArrayDeque<>();
        wheel.takeDue(900_000, due, 64);
        wheel.add(node(950_000));
        wheel.add(node(1_000_000));
        wheel.takeDue(960_000, due, 1);
        assertThat(due).hasSize(1);
        wheel.add(node(100)); // late: due at once, counted from the base
        assertThat(wheel.next(0)).isEqualTo(900_000);
    }

    /** Where there was no room for all, the time does not pass what is left. */
    @Test
    void doesNotPassWhatThereWasNoRoomFor() {
        TimerWheel wheel = new TimerWheel(0);
        wheel.add(node(10_000_000));
        wheel.add(node(3_000_000_000L));
        Queue<Timed> due = new ArrayDeque<>();
        wheel.takeDue(10_000_000_000L, due, 1);
        wheel.takeDue(10_000_000_000L, due, 2);
        assertThat(due).extracting(Timed::at).containsExactly(10_000_000L, 3_000_000_000L);
    }

    private static long span(Random random, int maxBits) {
        return random.nextLong() >>> (64 - 1 - random.nextInt(maxBits));
    }

    private static Timed node(long at) {
        BaseContext root = (BaseContext) new ManualTime(at).root();
        return Timed.of(root, Deadline.after(Duration.ZERO, root.ticker()), null);
    }
}
