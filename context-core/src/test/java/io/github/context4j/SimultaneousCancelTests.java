package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many ends at once, and ends that end one another. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SimultaneousCancelTests {
    private static final int NODES = 121;
    private static final int FAN_OUT = 4;

    private record Node(CancelableContext context, @Nullable Node parent, Exception own, AtomicInteger runs) {
        static Node below(@Nullable Node parent, int number) {
            Context above = parent == null ? Context.background() : parent.context;
            Node node = new Node(above.withCancel(), parent, new Exception("cause " + number), new AtomicInteger());
            node.context.onDone(node.runs::incrementAndGet, Runnable::run);
            return node;
        }
    }

    private static List<Node> tree() {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            nodes.add(Node.below(i == 0 ? null : nodes.get((i - 1) / FAN_OUT), i));
        }
        return nodes;
    }

    /** Each node is canceled by a thread of its own, and waited for by the thread of another. */
    @Test
    void endEveryNodeOfATreeOnceByItsOwnOrAnAncestorsCause() throws Exception {
        int heldByAncestor = 0;
        for (int round = 0; round < (Race.STRESS ? 500 : 25); round++) {
            List<Node> nodes = tree();
            List<Node> order = new ArrayList<>(nodes);
            Collections.shuffle(order, new Random(round));
            CountDownLatch start = new CountDownLatch(1);
            AtomicInteger decided = new AtomicInteger();
            AtomicInteger waited = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                Node mine = order.get(i);
                Node other = order.get(NODES - 1 - i);
                threads.add(new Thread(() -> uninterrupted(() -> {
                    start.await();
                    decided.addAndGet(mine.context.cancel(mine.own) ? 1 : 0);
                    other.context.awaitDone();
                    waited.incrementAndGet();
                })));
            }
            threads.forEach(Thread::start);
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(waited).hasValue(NODES);
            int byThemselves = 0;
            for (Node node : nodes) {
                assertThat(node.runs).hasValue(1);
                assertThat(Links.of(node.context)).isZero();
                assertThat(causesUpwards(node)).contains(node.context.cause());
                byThemselves += node.context.cause() == node.own ? 1 : 0;
            }
            assertThat(decided).hasValue(byThemselves);
            heldByAncestor += NODES - byThemselves;
        }
        assertThat(heldByAncestor).isPositive();
    }

    private static Set<Throwable> causesUpwards(Node node) {
        Set<Throwable> causes = new HashSet<>();
        for (Node above = node; above != null; above = above.parent) {
            causes.add(above.own);
        }
        return causes;
    }

    /** The child leaves its parent while the parent ends it. */
    @Test
    void ofAParentAndItsChildMeet() {
        Race.run(
                () -> Node.below(Node.below(null, 0), 1),
                child -> child.parent.context.cancel(child.parent.own),
                child -> child.context.cancel(child.own),
                child -> {
                    assertThat(child.runs).hasValue(1);
                    assertThat(child.parent.runs).hasValue(1);
                    assertThat(child.context.cause()).isIn(child.own, child.parent.own);
                    assertThat(child.parent.context.cause()).isSameAs(child.parent.own);
                });
    }

    private record Pair(CancelableContext a, CancelableContext b, AtomicInteger runs) {
        static Pair interlocked() {
            Pair pair = new Pair(
                    Context.background().withCancel(), Context.background().withCancel(), new AtomicInteger());
            pair.a.onDone(pair.b::cancel, Runnable::run);
            pair.b.onDone(pair.a::cancel, Runnable::run);
            pair.a.onDone(pair.runs::incrementAndGet, Runnable::run);
            pair.b.onDone(pair.runs::incrementAndGet, Runnable::run);
            return pair;
        }
    }

    /** On two threads, each the canceler of one and, by its action, of the other. */
    @Test
    void ofContextsThatCancelEachOtherDoNotLock() {
        Race.run(Pair::interlocked, pair -> pair.a.cancel(), pair -> pair.b.cancel(), pair -> {
            assertThat(pair.a.isDone()).isTrue();
            assertThat(pair.b.isDone()).isTrue();
            assertThat(pair.runs).hasValue(2);
        });
    }

    /** The actions of an ancestor and of a descendant cancel each other, on the threads that cancel. */
    @Test
    void ofAnAncestorAndADescendantThatCancelEachOtherDoNotLock() {
        Race.run(
                () -> {
                    CancelableContext a = Context.background().withCancel();
                    CancelableContext b = a.withCancel().withCancel();
                    Pair pair = new Pair(a, b, new AtomicInteger());
                    a.onDone(pair.runs::incrementAndGet, Runnable::run);
                    a.onDone(b::cancel, Runnable::run);
                    b.onDone(a::cancel, Runnable::run);
                    b.onDone(pair.runs::incrementAndGet, Runnable::run);
                    return pair;
                },
                pair -> pair.a.cancel(),
                pair -> pair.b.cancel(),
                pair -> {
                    assertThat(pair.runs).hasValue(2);
                    assertThat(Links.of(pair.a)).isZero();
                });
    }

    /** A ring in which each cancels the next, entered in two places. */
    @Test
    void ofARingGoRoundOnce() {
        record Ring(List<CancelableContext> contexts, AtomicInteger runs) {}
        Race.run(
                Race.ROUNDS / 10,
                () -> {
                    Ring ring = new Ring(new ArrayList<>(), new AtomicInteger());
                    for (int i = 0; i < 50; i++) {
                        ring.contexts.add(Context.background().withCancel());
                    }
                    for (int i = 0; i < 50; i++) {
                        CancelableContext next = ring.contexts.get((i + 1) % 50);
                        ring.contexts.get(i).onDone(ring.runs::incrementAndGet, Runnable::run);
                        ring.contexts.get(i).onDone(next::cancel, Runnable::run);
                    }
                    return ring;
                },
                ring -> ring.contexts.get(0).cancel(),
                ring -> ring.contexts.get(25).cancel(),
                ring -> assertThat(ring.runs).hasValue(50));
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    private static void uninterrupted(Step step) {
        try {
            step.run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
