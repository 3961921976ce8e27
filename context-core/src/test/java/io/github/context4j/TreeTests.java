package io.github.context4j;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(30)
final class TreeTests {
    private final CancelableContext parent = Context.background().withCancel();

    @Test
    void holdsOnToNothingOfChildrenThatWereClosed() {
        AtomicInteger runs = new AtomicInteger();
        for (int i = 0; i < 10_000; i++) {
            try (CancelableContext child = i % 2 == 0 ? parent.withCancel() : parent.withTimeout(ofSeconds(60))) {
                child.onDone(runs::incrementAndGet, Runnable::run);
                child.withCancel().onDone(runs::incrementAndGet, Runnable::run);
            }
        }

        assertThat(runs).hasValue(20_000);
        assertThat(Links.of(parent)).isZero();
        assertThat(parent.isDone()).isFalse();
    }

    @Test
    void lets10kChildrenLeaveInAnyOrder() {
        List<CancelableContext> children = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            children.add(parent.withCancel());
        }
        Random random = new Random(1);
        while (children.size() > 100) {
            CancelableContext last = children.remove(children.size() - 1);
            int index = random.nextInt(children.size());
            children.set(index, last).close();
        }

        assertThat(Links.of(parent)).isEqualTo(100);
        parent.cancel();
        assertThat(children).allMatch(Context::isDone);
    }

    @Test
    void letsAClosedChildAndItsListenerBeCollected() {
        WeakReference<Object> child = closedChild(parent);
        for (int i = 0; i < 100 && child.get() != null; i++) {
            System.gc();
        }
        assertThat(child.get()).isNull();
        assertThat(parent.isDone()).isFalse();
    }

    private static WeakReference<Object> closedChild(Context parent) {
        try (CancelableContext child = parent.withTimeout(ofSeconds(60))) {
            child.onDone(() -> assertThat(child.isDone()).isTrue(), Runnable::run);
            return new WeakReference<>(child);
        }
    }

    @Test
    void dropsTheListsOfWhatHasEnded() {
        List<Context> all = new ArrayList<>(List.of(parent));
        for (int i = 0; i < 100; i++) {
            Context child = all.get(i / 3).withCancel();
            child.onDone(() -> {}, Runnable::run);
            all.add(child);
        }

        parent.cancel();

        assertThat(all).allSatisfy(context -> {
            assertThat(Links.of(context)).isZero();
            assertThat(((CancelNode) context).next).isNull();
            assertThat(((CancelNode) context).previous).isNull();
        });
    }

    @Test
    void endsAChainOf100kWithoutRecursion() throws Exception {
        int depth = 100_000;
        AtomicInteger runs = new AtomicInteger();
        List<Context> chain = new ArrayList<>(List.of(parent));
        for (int i = 0; i < depth; i++) {
            Context next = chain.get(i).withCancel();
            next.onDone(runs::incrementAndGet, Runnable::run);
            chain.add(next);
        }

        // A stack on which a recursion of even a thousandth of that would fail.
        Thread small = new Thread(null, parent::cancel, "small stack", 128 * 1024);
        small.start();
        small.join();

        assertThat(runs).hasValue(depth);
        assertThat(chain).allMatch(Context::isDone);
    }

    @Test
    void endsInterlockedCancelsOnce() {
        CancelableContext child = parent.withCancel();
        AtomicInteger runs = new AtomicInteger();
        parent.onDone(child::cancel, Runnable::run);
        child.onDone(parent::cancel, Runnable::run);
        child.onDone(runs::incrementAndGet, Runnable::run);
        parent.onDone(runs::incrementAndGet, Runnable::run);

        child.cancel();

        assertThat(parent.isDone()).isTrue();
        assertThat(runs).hasValue(2);
    }

    @Test
    void endsOnceUnderManySimultaneousCancels() throws Exception {
        for (int round = 0; round < (Race.STRESS ? 2_000 : 50); round++) {
            CancelableContext root = Context.background().withCancel();
            List<CancelableContext> nodes = new ArrayList<>(List.of(root));
            AtomicInteger runs = new AtomicInteger();
            for (int i = 0; i < 120; i++) {
                CancelableContext child = nodes.get(i / 2).withCancel();
                child.onDone(runs::incrementAndGet, Runnable::run);
                nodes.add(child);
            }
            AtomicInteger decided = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Random random = new Random(round * 4L + t);
                threads.add(new Thread(() -> {
                    awaitStart(start);
                    for (int i = 0; i < 60; i++) {
                        CancelableContext node = nodes.get(1 + random.nextInt(120));
                        decided.addAndGet(node.cancel() ? 1 : 0);
                    }
                    root.cancel();
                }));
            }
            threads.forEach(Thread::start);
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(nodes).allMatch(Context::isDone).allSatisfy(node -> assertThat(Links.of(node))
                    .isZero());
            assertThat(runs).hasValue(120);
            assertThat(decided.get()).isBetween(1, 120);
        }
    }

    /** A tree of all kinds of contexts, 30 levels and more, against a model that knows who is to end when. */
    @RepeatedTest(20)
    void agreesWithAModelThroughRandomOperations(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ManualTime time = new ManualTime();
        Model model = new Model(time);
        for (int step = 0; step < 600; step++) {
            model.step(random);
            model.check();
        }
        assertThat(model.depth()).isGreaterThan(30);
        model.endAll();
        model.check();
        assertThat(time.armed()).isZero();
    }

    private static final class Model {
        private final ManualTime time;
        private final List<Context> contexts = new ArrayList<>();
        private final Map<Context, Node> nodes = new HashMap<>();
        private long now;

        private static final class Node {
            final @Nullable Node parent;
            final boolean detached;
            final int depth;
            final long deadline;
            final Map<Context.Key<Integer>, Integer> values = new HashMap<>();
            final AtomicInteger runs = new AtomicInteger();
            Context.@Nullable State ended;

            Node(@Nullable Node parent, boolean detached, long deadline) {
                this.parent = parent;
                this.detached = detached;
                this.depth = parent == null ? 0 : parent.depth + 1;
                boolean inherits = parent != null && !detached;
                this.deadline = inherits ? Math.min(parent.deadline, deadline) : deadline;
                if (parent != null) {
                    values.putAll(parent.values);
                    ended = detached ? null : parent.ended;
                }
            }
        }

        private final List<Context.Key<Integer>> keys =
                List.of(Context.Key.named("a"), Context.Key.named("b"), Context.Key.named("b"));

        Model(ManualTime time) {
            this.time = time;
            add(time.root(), new Node(null, false, Long.MAX_VALUE));
        }

        private void add(Context context, Node node) {
            contexts.add(context);
            nodes.put(context, node);
            context.onDone(node.runs::incrementAndGet, Runnable::run);
        }

        void step(Random random) {
            // Mostly one of the newest, so that the tree becomes deep.
            int newest = random.nextInt(6) == 0 ? contexts.size() : Math.min(4, contexts.size());
            Context at = contexts.get(contexts.size() - 1 - random.nextInt(newest));
            Node node = nodes.get(at);
            switch (random.nextInt(12)) {
                case 0 -> add(at.withoutCancel(), new Node(node, true, Long.MAX_VALUE));
                case 1, 2, 3 -> addValue(random, at, node);
                case 4, 5 -> {
                    long timeout = random.nextInt(-5, 300);
                    Node timed = new Node(node, false, now + timeout);
                    if (timed.ended == null && timed.deadline <= now) {
                        timed.ended = Context.State.DEADLINE_EXCEEDED;
                    }
                    add(at.withTimeout(ofMillis(timeout)), timed);
                }
                case 6 -> advance(random.nextInt(10));
                case 7 -> {
                    if (at instanceof CancelableContext cancelable) {
                        assertThat(cancelable.cancel()).isEqualTo(node.ended == null);
                        end(node, Context.State.CANCELED);
                    }
                }
                default -> add(at.withCancel(), new Node(node, false, Long.MAX_VALUE));
            }
        }

        private void addValue(Random random, Context at, Node node) {
            Context.Key<Integer> key = keys.get(random.nextInt(keys.size()));
            int value = random.nextInt();
            Node below = new Node(node, false, Long.MAX_VALUE);
            below.values.put(key, value);
            add(at.withValue(key, value), below);
        }

        private void advance(int millis) {
            time.advance(ofMillis(millis));
            now += millis;
            for (Node node : nodes.values()) {
                if (node.ended == null && node.deadline <= now) {
                    node.ended = Context.State.DEADLINE_EXCEEDED;
                }
            }
        }

        private void end(Node node, Context.State how) {
            if (node.ended == null) {
                node.ended = how;
                for (Node other : nodes.values()) {
                    if (other.parent == node && !other.detached) {
                        end(other, how);
                    }
                }
            }
        }

        void endAll() {
            for (Context context : List.copyOf(contexts)) {
                if (context instanceof CancelableContext cancelable) {
                    cancelable.close();
                    end(nodes.get(context), Context.State.CANCELED);
                }
            }
        }

        int depth() {
            return nodes.values().stream().mapToInt(node -> node.depth).max().orElse(0);
        }

        void check() {
            nodes.forEach((context, node) -> {
                Context.State expected = node.ended == null ? Context.State.ACTIVE : node.ended;
                assertEqual(context.state(), expected);
                assertEqual(context.cause() == null, node.ended == null);
                assertEqual(node.runs.get(), node.ended == null ? 0 : 1);
                for (Context.Key<Integer> key : keys) {
                    assertEqual(context.get(key), node.values.get(key));
                }
            });
        }

        private static void assertEqual(@Nullable Object actual, @Nullable Object expected) {
            if (actual == null ? expected != null : !actual.equals(expected)) {
                assertThat(actual).isEqualTo(expected);
            }
        }
    }

    private static void awaitStart(CountDownLatch start) {
        try {
            start.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
