package io.github.context4j;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.State;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One context below the other, 30 layers and more of all kinds in random order, against a model of who ends by what. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
final class LayersTests {
    private static final int MIN_LAYERS = 30;
    private static final int MAX_MILLIS = 300;
    private static final Context.Key<Integer> LEVEL = Context.Key.named("level");

    private final ManualTime time = new ManualTime();
    private final List<Layer> layers = new ArrayList<>();

    /** Of the same name, one for each layer that has a value, in the order of the layers. */
    private final List<Context.Key<Integer>> keys = new ArrayList<>();

    private long now;

    static IntStream seeds() {
        return IntStream.rangeClosed(1, Race.STRESS ? 5_000 : 60);
    }

    private enum Kind {
        VALUE,
        CANCEL,
        TIMEOUT,
        WITHOUT_CANCEL
    }

    /** A context, and what is to be expected of it. */
    private static final class Layer {
        final Kind kind;
        final Context context;
        /** When its own timer, if it needs one, and the nearest timer ends it; milliseconds. */
        final long timer;

        final long deadline;
        final Throwable slow;
        final AtomicInteger runs = new AtomicInteger();
        State state = State.ACTIVE;

        @Nullable
        Throwable cause;

        Layer(Kind kind, Context context, long timer, long deadline, Throwable slow) {
            this.kind = kind;
            this.context = context;
            this.timer = timer;
            this.deadline = deadline;
            this.slow = slow;
        }
    }

    private void build(Random random) {
        Set<Kind> missing = EnumSet.allOf(Kind.class);
        while (layers.size() < MIN_LAYERS || !missing.isEmpty()) {
            Kind kind = random.nextInt(10) == 0 ? Kind.WITHOUT_CANCEL : Kind.values()[random.nextInt(3)];
            missing.remove(kind);
            add(kind, 1 + random.nextInt(MAX_MILLIS));
        }
        check("as built");
    }

    private void add(Kind kind, int millis) {
        int level = layers.size();
        Layer above = level == 0 ? null : layers.get(level - 1);
        Context parent = above == null ? time.root() : above.context;
        long inherited = above == null ? Long.MAX_VALUE : above.deadline;
        Exception slow = new Exception("slow " + level);
        Layer layer =
                switch (kind) {
                    case VALUE -> {
                        Context.Key<Integer> own = Context.Key.named("own");
                        keys.add(own);
                        Context valued = parent.withValue(LEVEL, level).withValue(own, level);
                        yield new Layer(kind, valued, Long.MAX_VALUE, inherited, slow);
                    }
                    case CANCEL -> new Layer(kind, parent.withCancel(), Long.MAX_VALUE, inherited, slow);
                    case WITHOUT_CANCEL ->
                        new Layer(kind, parent.withoutCancel(), Long.MAX_VALUE, Long.MAX_VALUE, slow);
                    case TIMEOUT -> {
                        long timer = now + millis < inherited ? now + millis : Long.MAX_VALUE;
                        Context timed = parent.withTimeout(ofMillis(millis), slow);
                        yield new Layer(kind, timed, timer, Math.min(inherited, now + millis), slow);
                    }
                };
        layer.context.onDone(layer.runs::incrementAndGet, Runnable::run);
        layers.add(layer);
    }

    /** Ends the layer and those below it, down to the first that does not end with its parent. */
    private void end(int level, State how, Throwable cause) {
        for (int i = level; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            if (layer.kind == Kind.WITHOUT_CANCEL) {
                return;
            }
            if (layer.state == State.ACTIVE) {
                layer.state = how;
                layer.cause = cause;
            }
        }
    }

    private void cancel(int level) {
        Layer layer = layers.get(level);
        Exception why = new Exception("canceled " + level);
        assertThat(((CancelableContext) layer.context).cancel(why)).isEqualTo(layer.state == State.ACTIVE);
        end(level, State.CANCELED, why);
    }

    private void advance(int millis) {
        time.advance(ofMillis(millis));
        now += millis;
        int due = nextDue();
        while (due >= 0) {
            end(due, State.DEADLINE_EXCEEDED, layers.get(due).slow);
            due = nextDue();
        }
    }

    /** The layer whose own timer is the next to end it, -1 if none is due. */
    private int nextDue() {
        int next = -1;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            boolean due = layer.state == State.ACTIVE && layer.timer <= now;
            if (due && (next < 0 || layer.timer < layers.get(next).timer)) {
                next = i;
            }
        }
        return next;
    }

    private int randomCancelable(Random random) {
        int level = random.nextInt(layers.size());
        while (!(layers.get(level).context instanceof CancelableContext)) {
            level = random.nextInt(layers.size());
        }
        return level;
    }

    private void check(String when) {
        List<Integer> levels = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            String what = when + ", layer " + i + " " + layer.kind;
            if (layer.kind == Kind.VALUE) {
                levels.add(i);
            }
            assertThat(layer.context.state()).as(what).isEqualTo(layer.state);
            assertThat(layer.context.cause()).as(what).isSameAs(layer.cause);
            assertThat(layer.runs).as(what).hasValue(layer.state == State.ACTIVE ? 0 : 1);
            assertThat(layer.context.deadline() == null).as(what).isEqualTo(layer.deadline == Long.MAX_VALUE);
            assertThat(layer.context.get(LEVEL))
                    .as(what)
                    .isEqualTo(levels.isEmpty() ? null : levels.get(levels.size() - 1));
            for (int k = 0; k < keys.size(); k++) {
                assertThat(layer.context.get(keys.get(k))).as(what).isEqualTo(k < levels.size() ? levels.get(k) : null);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void endWithTheOneThatIsCanceled(int seed) {
        Random random = new Random(seed);
        build(random);
        for (int i = 0; i < 5; i++) {
            int level = randomCancelable(random);
            cancel(level);
            check("seed " + seed + ", canceled at " + level);
        }
        long stillArmed = layers.stream()
                .filter(layer -> layer.state == State.ACTIVE && layer.timer != Long.MAX_VALUE)
                .count();
        assertThat(time.armed()).isEqualTo((int) stillArmed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void endWhenTheirDeadlinesPass(int seed) {
        Random random = new Random(seed);
        build(random);
        while (now < MAX_MILLIS) {
            advance(1 + random.nextInt(20));
            check("seed " + seed + ", after " + now + " ms");
        }
        assertThat(time.armed()).isZero();
        assertThat(layers.stream().filter(layer -> layer.deadline != Long.MAX_VALUE))
                .allMatch(layer -> layer.state == State.DEADLINE_EXCEEDED);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void endByDeadlineOrByCancelWhicheverIsFirst(int seed) {
        Random random = new Random(seed);
        build(random);
        for (int step = 0; step < 30; step++) {
            if (random.nextInt(4) == 0) {
                cancel(randomCancelable(random));
            } else {
                advance(random.nextInt(15));
            }
            check("seed " + seed + ", step " + step);
        }
    }
}
