package io.github.context4j.spring.web;

import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** What a connector runs its work on, which can be kept from what the application and timers have it do. */
final class HeldExecutor implements Executor, AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Runnable> held = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private boolean holds;

    /** From now on only what is read from sockets is run. */
    synchronized void hold() {
        holds = true;
    }

    synchronized int held() {
        return held.size();
    }

    /** Returns when the container has done what was read from sockets: until then requests have not gone asynchronous. */
    void awaitIdle() {
        await().until(() -> running.get() == 0);
    }

    void awaitHeld() {
        await().until(() -> held() > 0);
    }

    /** Runs what was held, one after the other as it came. */
    synchronized void release() {
        holds = false;
        List<Runnable> due = List.copyOf(held);
        held.clear();
        run(() -> due.forEach(Runnable::run));
    }

    @Override
    public synchronized void execute(Runnable task) {
        if (holds && !Thread.currentThread().getName().endsWith("-Poller")) {
            held.add(task);
        } else {
            run(task);
        }
    }

    private void run(Runnable task) {
        running.incrementAndGet();
        threads.execute(() -> {
            try {
                task.run();
            } finally {
                running.decrementAndGet();
            }
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
