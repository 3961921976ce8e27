package io.github.context4j;

import io.github.context4j.TaskGroup.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of an {@link ErrorGroup}: which run, which wait for their turn, which failed. Its lock guards all of its fields,
 * but that a group without a limit counts down without it; no task is started, run or canceled under it.
 */
final class GroupLedger {
    /** The limit of a group that has none. */
    static final int NONE = Integer.MAX_VALUE;

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** All tasks in the order of forking; they start in this order, so those that wait are at the end. */
    private final List<GroupTask<?>> tasks = new ArrayList<>();

    private final Queue<GroupTask<?>> waiting = new ArrayDeque<>();
    private final GroupFailures failures = new GroupFailures();

    /**
     * How many tasks have their turn and have not ended; below the limit only if none waits. It grows under the lock. Where
     * there is no limit it shrinks without, so that tasks that end do not contend with the thread that forks.
     */
    private final AtomicInteger running = new AtomicInteger();

    /** How many of the tasks, from the first, are known to have begun. */
    private int begun;

    /** How many waiters run tasks meanwhile. */
    private int helpers;

    private boolean over;

    GroupLedger(int limit) {
        this.limit = limit;
    }

    /** Returns whether it is the turn of {@code task} now; if not, it waits, provided that it may. */
    boolean add(GroupTask<?> task, boolean mayWait) {
        lock.lock();
        try {
            if (over) {
                throw new IllegalStateException("fork after join: the group is over");
            }
            boolean now = running.get() < limit;
            if (now) {
                running.incrementAndGet();
                tasks.add(task);
                signalHelpers();
            } else if (mayWait) {
                waiting.add(task);
                tasks.add(task);
            }
            return now;
        } finally {
            lock.unlock();
        }
    }

    /** Takes note of a failure; returns whether it is the first. */
    boolean fail(Throwable failure, boolean ran) {
        lock.lock();
        try {
            return failures.add(failure, ran);
        } finally {
            lock.unlock();
        }
    }

    /** Takes note of the end of a task; returns the one whose turn it is now. */
    @Nullable
    GroupTask<?> end() {
        if (limit == NONE) {
            if (running.decrementAndGet() == 0) {
                wake();
            }
            return null;
        }
        lock.lock();
        try {
            GroupTask<?> next = waiting.poll();
            if (next != null) {
                signalHelpers();
            } else if (running.decrementAndGet() == 0) {
                changed.signalAll();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until all tasks have ended or {@code enough}, which is asked under the lock and again after {@link #wake}; nothing
     * can be added from then on.
     *
     * @param helping whether this thread is to run tasks that no other has begun
     */
    void awaitOver(BooleanSupplier enough, boolean helping) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            helpers += helping ? 1 : 0;
            while (running.get() > 0 && !enough.getAsBoolean()) {
                GroupTask<?> idle = helping ? nextIdle() : null;
                if (idle == null) {
                    changed.await();
                } else {
                    runUnlocked(idle);
                }
            }
            over = true;
        } finally {
            helpers -= helping ? 1 : 0;
            lock.unlock();
        }
    }

    /** For those who look for tasks that have not begun; who only waits for the end is not woken before. */
    private void signalHelpers() {
        if (helpers > 0) {
            changed.signalAll();
        }
    }

    private void runUnlocked(GroupTask<?> task) {
        lock.unlock();
        try {
            task.run();
        } finally {
            lock.lock();
        }
    }

    private @Nullable GroupTask<?> nextIdle() {
        while (begun < tasks.size() && tasks.get(begun).hasBegun()) {
            begun++;
        }
        return begun == tasks.size() || tasks.get(begun) == waiting.peek() ? null : tasks.get(begun);
    }

    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The first failure with the others as suppressed, null if there is none. */
    @Nullable
    Throwable failure() {
        lock.lock();
        try {
            return failures.take();
        } finally {
            lock.unlock();
        }
    }

    List<Outcome<?>> outcomes() {
        lock.lock();
        try {
            List<Outcome<?>> outcomes = new ArrayList<>(tasks.size());
            tasks.forEach(task -> outcomes.add(task.outcome()));
            return Collections.unmodifiableList(outcomes);
        } finally {
            lock.unlock();
        }
    }
}
