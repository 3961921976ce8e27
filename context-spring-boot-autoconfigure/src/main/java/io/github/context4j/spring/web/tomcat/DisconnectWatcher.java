package io.github.context4j.spring.web.tomcat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Watches all connections of one web server with one thread, which is started when it is first needed and ends with the
 * server. Only that thread touches the selector; others enqueue.
 */
final class DisconnectWatcher {
    private static final System.Logger logger = System.getLogger(DisconnectWatcher.class.getName());
    /** A closed channel that nobody told us of keeps its file descriptor until we look. */
    private static final long MAX_SLEEP_MILLIS = 1000;

    private static final long STOP_MILLIS = 2000;

    private final String name;
    private final boolean halfCloseDisconnect;
    private final Context ended;
    private final Queue<ConnectionWatch> incoming = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<ConnectionWatch> due =
            new PriorityQueue<>((a, b) -> Long.signum(a.dueAt() - b.dueAt()));
    /** Whether something was scheduled since the thread has slept the last time. */
    private boolean busy;

    private final ByteBuffer scratch = ByteBuffer.allocateDirect(Spill.CAPACITY);
    /** Whether the thread sleeps for longer than a new connection can wait. */
    private final AtomicBoolean asleep = new AtomicBoolean();

    private volatile @Nullable Selector selector;
    private volatile boolean closed;
    private @Nullable Thread thread;

    DisconnectWatcher(String name, boolean halfCloseDisconnect) {
        this.name = name;
        this.halfCloseDisconnect = halfCloseDisconnect;
        try (CancelableContext context = Context.background().withCancel()) {
            ended = context;
        }
    }

    boolean isHalfCloseDisconnect() {
        return halfCloseDisconnect;
    }

    /** How many connections the selector knows. */
    int registered() {
        Selector open = selector;
        return open != null && open.isOpen() ? open.keys().size() : 0;
    }

    /** Has the watcher's thread look at {@code connection} within the arming delay. */
    void schedule(ConnectionWatch connection) {
        if (closed) {
            return;
        }
        incoming.add(connection);
        if (selector == null) {
            start();
        }
        flush();
    }

    /** Has the watcher's thread let go of closed channels soon. */
    void flush() {
        Selector open = selector;
        if (open != null && asleep.compareAndSet(true, false)) {
            open.wakeup();
        }
    }

    /** Runs {@code action} on the library's executor, which is what a context that has ended does. */
    void execute(Runnable action) {
        ended.onDone(action);
    }

    private synchronized void start() {
        if (selector != null || closed) {
            return;
        }
        Thread created = new Thread(null, this::run, name, 0, false);
        created.setDaemon(true);
        created.setContextClassLoader(null);
        try {
            selector = Selector.open();
            created.start();
            thread = created;
        } catch (IOException | OutOfMemoryError e) { // no file descriptor or no thread to be had
            closed = true;
            logger.log(System.Logger.Level.WARNING, "Client disconnects are not detected", e);
            closeQuietly(selector);
        }
    }

    private static void closeQuietly(@Nullable Selector unused) {
        try {
            if (unused != null) {
                unused.close();
            }
        } catch (IOException e) {
            logger.log(System.Logger.Level.DEBUG, "Closing a selector failed", e);
        }
    }

    /** Ends the thread and forgets all connections. Never interrupts: that would close the socket being read. */
    void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
        }
        Selector open = selector;
        if (running == null || open == null) {
            return;
        }
        open.wakeup();
        try {
            running.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Selector open = selector;
        if (open == null) {
            return;
        }
        try (open) {
            while (!closed) {
                arm(open);
                sleep(open);
            }
        } catch (IOException | RuntimeException e) {
            logger.log(System.Logger.Level.WARNING, "Client disconnects are not detected any more", e);
        } finally {
            closed = true;
            incoming.clear();
            due.clear();
        }
    }

    private void arm(Selector open) {
        long now = System.nanoTime();
        for (ConnectionWatch next = incoming.poll(); next != null; next = incoming.poll()) {
            busy = true;
            look(next, now, open);
        }
        for (ConnectionWatch next = due.peek(); next != null && next.dueAt() - now <= 0; next = due.peek()) {
            look(due.remove(), now, open);
        }
    }

    private void look(ConnectionWatch connection, long now, Selector open) {
        switch (connection.look(now)) {
            case NOW -> watch(connection, open);
            case LATER -> due.add(connection);
            case NEVER -> {}
        }
    }

    private static void watch(ConnectionWatch connection, Selector open) {
        try {
            connection.arm(open);
        } catch (ClosedChannelException | CancelledKeyException e) {
            logger.log(System.Logger.Level.TRACE, "Closed before it was watched", e);
        }
    }

    private void sleep(Selector open) throws IOException {
        ConnectionWatch next = due.peek();
        long nanos = next == null ? Long.MAX_VALUE : Math.max(0, next.dueAt() - System.nanoTime());
        if (busy) {
            // Where there are requests there will be more: one more look without being woken costs less than a wake-up.
            busy = false;
            nanos = Math.min(nanos, ConnectionWatch.ARMING_DELAY);
        }
        long millis = nanos / 1_000_000 + 1; // not before it is due, and never 0, which would be forever
        if (!open.keys().isEmpty()) {
            millis = Math.min(millis, MAX_SLEEP_MILLIS);
        }
        if (nanos <= ConnectionWatch.ARMING_DELAY) {
            open.select(this::ready, millis); // what is scheduled meanwhile is due after that
            return;
        }
        asleep.set(true);
        // Whoever adds after this look sees that we are asleep, and wakes us.
        open.select(this::ready, incoming.isEmpty() ? millis : 1);
        asleep.set(false);
    }

    private void ready(SelectionKey key) {
        try {
            if (!((ConnectionWatch) key.attachment()).readable(scratch)) {
                key.interestOps(0);
            }
        } catch (CancelledKeyException e) {
            logger.log(System.Logger.Level.TRACE, "Closed while it was watched", e);
        }
    }
}
