package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What meets at the locks of a shared parent, step by step. */
@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
@Timeout(30)
final class StripesLockTests {
    private static final int MANY = CancelNode.STRIPED_AFTER;

    private final CancelNode parent =
            (CancelNode) Homes.elsewhere(() -> new ManualTime().root().withCancel());

    private Stripes share() {
        for (int i = 0; i <= MANY; i++) {
            parent.withCancel().close();
        }
        return (Stripes) parent.first;
    }

    /** What the ending thread has taken is its own. */
    @Test
    void aChildLeavesTheListAloneThatWasTakenWhileItWaitedForTheStripe() throws Exception {
        Stripes stripes = share();
        List<CancelableContext> children = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            children.add(parent.withCancel());
        }
        int index = ((CancelNode) children.get(0)).home & (stripes.count() - 1);
        Stripes.Stripe stripe = stripes.stripes[index];
        Thread closing = new Thread(() -> children.get(1).close());
        Link list;
        synchronized (stripe) {
            closing.start();
            Await.state(closing, Thread.State.BLOCKED);
            assertThat(parent.decide(End.CANCELED)).isTrue();
            list = stripes.take(index);
        }
        closing.join();

        assertThat(Stream.iterate(list, link -> link != null, link -> link.next))
                .hasSize(3);
        children.get(2).close(); // the head of the list
        assertThat(stripe.first).isNull();
    }

    @Test
    void aChildLeavesItsStripeIfTheParentBecameSharedWhileItWaited() throws Exception {
        long other = Thread.currentThread().getId() + 2; // so that the child is alone in its stripe
        List<CancelableContext> children = new ArrayList<>();
        Homes.run(other, () -> children.add(parent.withCancel()));
        for (int i = 1; i < MANY; i++) {
            parent.withCancel().close();
        }
        Thread closing = new Thread(children.get(0)::close);
        synchronized (parent) {
            closing.start();
            Await.state(closing, Thread.State.BLOCKED);
            parent.withCancel();
        }
        closing.join();

        assertThat(parent.first).isInstanceOf(Stripes.class);
        assertThat(Links.of(parent)).isEqualTo(1);
    }

    @Test
    void becomesSharedOnce() throws Exception {
        for (int i = 0; i < MANY; i++) {
            parent.withCancel().close();
        }
        Thread deriving = new Thread(parent::withCancel);
        Link first;
        synchronized (parent) {
            deriving.start();
            Await.state(deriving, Thread.State.BLOCKED);
            parent.withCancel();
            first = parent.first;
        }
        deriving.join();

        assertThat(parent.first).isSameAs(first);
        assertThat(Links.of(parent)).isEqualTo(2);
    }

    @Test
    void theNewestActionIsTakenBackAndTheStripesStay() {
        Stripes stripes = share();
        parent.withCancel();
        parent.onDone(() -> {}, Runnable::run).stop();

        assertThat(parent.first).isSameAs(stripes);
        assertThat(Links.of(parent)).isEqualTo(1);
    }

    /** Which is what they are for. */
    @Test
    void threadsHaveStripesOfTheirOwn() throws Exception {
        Stripes stripes = share();
        for (int i = 0; i < stripes.count(); i++) {
            Homes.run(i, parent::withCancel);
        }
        assertThat(stripes.stripes)
                .allSatisfy(stripe -> assertThat(stripe.first).isNotNull());
    }
}
