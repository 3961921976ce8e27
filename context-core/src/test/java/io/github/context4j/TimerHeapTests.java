package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelNode.Timed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("NullAway") // a null fails the test
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TimerHeapTests {
    private final TimerHeap heap = new TimerHeap();

    @RepeatedTest(20)
    void agreesWithAListThroughRandomOperations(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Timed> model = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            // Phases of growth and of decline, so that the heap is both large and empty at times.
            boolean growing = i / 500 % 2 == 0;
            if (model.isEmpty() || random.nextInt(10) < (growing ? 8 : 2)) {
                Timed node = node(random.nextInt(200));
                model.add(node);
                heap.add(node);
            } else if (random.nextBoolean()) {
                Timed first = heap.first();
                assertThat(first).isIn(model);
                model.remove(first);
                heap.remove(first);
            } else {
                Timed any = model.remove(random.nextInt(model.size()));
                heap.remove(any);
                heap.remove(any);
            }
            assertThat(heap.size()).isEqualTo(model.size());
            assertThat(heap.first() == null ? null : heap.first().at())
                    .isEqualTo(model.stream()
                            .map(Timed::at)
                            .min(Comparator.naturalOrder())
                            .orElse(null));
        }
        while (heap.first() != null) {
            Timed first = heap.first();
            assertThat(model).allMatch(node -> node.at() >= first.at());
            heap.remove(first);
            model.remove(first);
        }
        assertThat(model).isEmpty();
    }

    @Test
    void ignoresATimerThatIsNotInIt() {
        heap.remove(node(1));
        heap.add(node(2));
        heap.remove(node(2));

        assertThat(heap.size()).isEqualTo(1);
    }

    private static Timed node(long nanos) {
        BaseContext root = (BaseContext) new ManualTime().root();
        return new Timed(root, Deadline.after(Duration.ofNanos(nanos), root.ticker), End.EXCEEDED);
    }
}
