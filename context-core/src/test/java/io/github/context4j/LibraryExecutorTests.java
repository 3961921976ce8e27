package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LibraryExecutorTests {
    private static final boolean VIRTUAL = Runtime.version().feature() >= 21;

    /** More actions that block than there are platform threads: all of them at once, or 64 and then the others. */
    @Test
    void runsBlockingActionsSideBySide() throws Exception {
        int count = 100;
        int atOnce = VIRTUAL ? count : 64;
        Semaphore entered = new Semaphore(0);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(count);
        AtomicBoolean asExpected = new AtomicBoolean(true);
        for (int i = 0; i < count; i++) {
            LibraryExecutor.INSTANCE.execute(() -> {
                if (!isAsExpected(Thread.currentThread())) {
                    asExpected.set(false);
                }
                entered.release();
                awaitIgnoring(release);
                left.countDown();
            });
        }

        assertThat(entered.tryAcquire(atOnce, 10, TimeUnit.SECONDS)).isTrue();
        assertThat(left.getCount()).isEqualTo(count);
        release.countDown();

        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(asExpected).isTrue();
    }

    private static boolean isAsExpected(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        boolean virtual = group != null && group.getName().equals("VirtualThreads");
        return thread.isDaemon() && thread.getName().startsWith("context") && virtual == VIRTUAL;
    }

    private static void awaitIgnoring(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
