package io.github.context4j;

import io.github.context4j.CancelNode.Timed;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A binary heap of timers, the earliest first, in which each knows its place. Not thread-safe. */
final class TimerHeap {
    private static final int INITIAL_CAPACITY = 64;

    private @Nullable Timed[] heap = new Timed[INITIAL_CAPACITY];
    private int size;

    @Nullable
    Timed first() {
        return heap[0];
    }

    int size() {
        return size;
    }

    void add(Timed node) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(size++, node);
    }

    /** Removes {@code node}; does nothing if it is not here. */
    void remove(Timed node) {
        int index = node.index;
        if (index < 0) {
            return;
        }
        node.index = -1;
        Timed last = heap[--size];
        heap[size] = null;
        if (last != null && last != node) {
            siftDown(index, last);
            if (heap[index] == last) {
                siftUp(index, last);
            }
        }
    }

    private void siftUp(int start, Timed node) {
        int index = start;
        while (index > 0) {
            int above = (index - 1) / 2;
            Timed parent = heap[above];
            if (parent == null || !before(node, parent)) {
                break;
            }
            place(index, parent);
            index = above;
        }
        place(index, node);
    }

    private void siftDown(int start, Timed node) {
        int index = start;
        while (2 * index + 1 < size) {
            int below = 2 * index + 1;
            Timed child = heap[below];
            Timed sibling = below + 1 < size ? heap[below + 1] : null;
            if (child != null && sibling != null && before(sibling, child)) {
                child = sibling;
                below++;
            }
            if (child == null || !before(child, node)) {
                break;
            }
            place(index, child);
            index = below;
        }
        place(index, node);
    }

    private void place(int index, Timed node) {
        heap[index] = node;
        node.index = index;
    }

    private static boolean before(Timed a, Timed b) {
        return a.at() - b.at() < 0;
    }
}
