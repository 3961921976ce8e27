package io.github.context4j;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs two steps at once on something new, many times, each time with another small head start for one of them. In every
 * other round the second has begun before the first does, so that either is first at times also where cores are scarce.
 */
final class Race {
    static final boolean STRESS = Boolean.getBoolean("context4j.stress");
    static final int ROUNDS = STRESS ? 200_000 : 5_000;

    private static final int MAX_HEAD_START = 200;
    private static final int SPINS_BEFORE_YIELD = 1_000;

    private Race() {}

    static <S> void run(Supplier<S> setUp, Consumer<S> left, Consumer<S> right, Consumer<S> check) {
        run(ROUNDS, setUp, left, right, check);
    }

    static <S> void run(int rounds, Supplier<S> setUp, Consumer<S> left, Consumer<S> right, Consumer<S> check) {
        run(ThreadKind.PLATFORM, rounds, setUp, left, right, check);
    }

    /** The right step runs on a thread of {@code kind}. */
    static <S> void run(
            ThreadKind kind, int rounds, Supplier<S> setUp, Consumer<S> left, Consumer<S> right, Consumer<S> check) {
        Opponent<S> opponent = new Opponent<>(right);
        kind.start(opponent);
        try {
            for (int i = 0; i < rounds; i++) {
                S subject = setUp.get();
                opponent.begin(subject);
                if (i % 2 == 1) {
                    opponent.awaitBegun();
                }
                headStart();
                left.accept(subject);
                opponent.awaitDone();
                check.accept(subject);
            }
        } finally {
            opponent.over = true;
        }
    }

    private static void headStart() {
        for (int i = ThreadLocalRandom.current().nextInt(MAX_HEAD_START); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // where cores are scarce, the other has to get one
    private static void pause(int spins) {
        if (spins % SPINS_BEFORE_YIELD == 0) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    private static final class Opponent<S> implements Runnable {
        private final Consumer<S> step;
        private volatile @Nullable S subject;
        private volatile boolean begun;
        private volatile boolean over;
        private volatile @Nullable Throwable failure;

        Opponent(Consumer<S> step) {
            this.step = step;
        }

        @Override
        public void run() {
            for (int spins = 1; !over; spins++) {
                S next = subject;
                if (next == null) {
                    pause(spins);
                    continue;
                }
                begun = true;
                headStart();
                try {
                    step.accept(next);
                } catch (Throwable t) {
                    failure = t;
                }
                subject = null;
                spins = 0;
            }
        }

        void begin(S next) {
            begun = false;
            subject = next;
        }

        void awaitBegun() {
            Await.until(() -> begun);
        }

        void awaitDone() {
            Await.until(() -> subject == null);
            if (failure != null) {
                throw new AssertionError("the opponent failed", failure);
            }
        }
    }
}
