package io.github.context4j.spring.web.tomcat;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The watch over one TCP connection, of which at most one request at a time is in progress.
 *
 * <p>The container and the watcher never read at the same time: the watcher reads only while the state is
 * {@link State#WATCHING}, under the lock and without blocking, and every read of the container's first leaves that state.
 */
final class ConnectionWatch {
    private enum State {
        /** Between requests, or the container is reading: hands off. */
        IDLE,
        /** A request is in progress; when it has lasted long enough, and nobody waits for its body, watch. */
        PENDING,
        /** The watcher may read. */
        WATCHING
    }

    /** Whether it is time to watch a connection. */
    enum Look {
        /** Watch it. */
        NOW,
        /** Look again when it is due. */
        LATER,
        /** Its request has ended, or the container is reading: it will be scheduled anew. */
        NEVER
    }

    private static final System.Logger logger = System.getLogger(ConnectionWatch.class.getName());

    /** Shorter requests are never watched, which is what makes the watch cost next to nothing. */
    static final long ARMING_DELAY = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long MAX_RECHECK = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final DisconnectWatcher watcher;
    private final SocketChannel channel;
    private final Object owner;
    private final Spill spill = new Spill();

    // Guarded by the lock, down to the volatile ones.
    private State state = State.IDLE;
    /** Whether the container has read since the request began: from then on, bytes may be what it waits for. */
    private boolean bodyTouched;
    /** Whether this connection is among those that the watcher will look at when they are due. */
    private boolean scheduled;

    private long armAt;
    private long recheck;

    /** The request in progress; written under the lock. */
    private volatile @Nullable RequestWatch request;
    /** Whether a read has to ask us: not between requests, unless there are stolen bytes. Written under the lock. */
    private volatile boolean engaged;
    /** Whether the watcher's selector knows the channel. */
    private volatile boolean registered;
    /** When the watcher looks at this connection. Its thread's. */
    private long dueAt;

    /** @param owner Tomcat's wrapper of the socket, which outlives its pooled channel objects */
    ConnectionWatch(DisconnectWatcher watcher, SocketChannel channel, Object owner) {
        this.watcher = watcher;
        this.channel = channel;
        this.owner = owner;
    }

    /** Forgets the connection that a pooled channel had, and returns the watch over the one that it is bound to now. */
    static @Nullable ConnectionWatch replace(
            @Nullable ConnectionWatch old,
            DisconnectWatcher watcher,
            @Nullable SocketChannel channel,
            @Nullable Object owner) {
        if (old != null) {
            old.close();
        }
        return channel == null || owner == null ? null : new ConnectionWatch(watcher, channel, owner);
    }

    boolean belongsTo(Object owner) {
        return this.owner == owner;
    }

    /** Begins to watch a request whose head has been read. */
    RequestWatch begin(WatchedHttp11Processor processor) {
        RequestWatch begun = new RequestWatch(this, lock, processor);
        boolean schedule;
        lock.lock();
        try {
            request = begun;
            engaged = true;
            bodyTouched = false;
            schedule = pend();
        } finally {
            lock.unlock();
        }
        if (schedule) {
            watcher.schedule(this);
        }
        return begun;
    }

    void end(RequestWatch ended) {
        lock.lock();
        try {
            ended.endNow();
            if (request == ended) {
                request = null;
                state = State.IDLE;
                engaged = spill.size() > 0;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The server closes the connection: not a disconnect. */
    void close() {
        RequestWatch open = request;
        if (open != null) {
            open.end();
        }
    }

    /** Lets go of the closed socket: a channel that two selectors know is closed only when both have noticed. */
    void release() {
        if (registered) {
            watcher.flush();
        }
    }

    boolean isEngaged() {
        return engaged;
    }

    boolean hasSpill() {
        lock.lock();
        try {
            return spill.size() > 0;
        } finally {
            lock.unlock();
        }
    }

    /** To be called before anything is written. */
    void beforeWrite() {
        RequestWatch open = request;
        if (open != null) {
            open.endIfAnswered();
        }
    }

    /**
     * To be called before the container reads: from now on the watcher does not.
     *
     * @return how many stolen bytes were moved to {@code target}; the socket may be read only if there were none
     */
    int beforeRead(ByteBuffer target) {
        lock.lock();
        try {
            state = State.IDLE;
            bodyTouched = true;
            int moved = spill.moveTo(target);
            engaged = request != null || spill.size() > 0;
            return moved;
        } finally {
            lock.unlock();
        }
    }

    /** To be called when the container has read. */
    void afterRead() {
        boolean schedule;
        lock.lock();
        try {
            schedule = request != null && pend();
        } finally {
            lock.unlock();
        }
        if (schedule) {
            watcher.schedule(this);
        }
    }

    private boolean pend() {
        state = State.PENDING;
        recheck = ARMING_DELAY;
        armAt = System.nanoTime() + ARMING_DELAY;
        boolean schedule = !scheduled;
        scheduled = true;
        return schedule;
    }

    long dueAt() {
        return dueAt;
    }

    /** What the watcher's thread is to do with this connection. */
    Look look(long now) {
        lock.lock();
        try {
            RequestWatch open = request;
            if (state != State.PENDING || open == null) {
                scheduled = false;
                return Look.NEVER;
            }
            if (armAt - now <= 0 && bodyTouched && !open.isBodyFinished()) {
                recheck = Math.min(2 * recheck, MAX_RECHECK);
                armAt = now + recheck;
            }
            dueAt = armAt;
            if (armAt - now > 0) {
                return Look.LATER;
            }
            scheduled = false;
            state = State.WATCHING;
            return Look.NOW;
        } finally {
            lock.unlock();
        }
    }

    /** Lets {@code selector} watch the socket, or go on with it. On the watcher's thread. */
    void arm(Selector selector) throws ClosedChannelException {
        SelectionKey key = channel.keyFor(selector);
        if (key != null) {
            key.interestOps(SelectionKey.OP_READ);
        } else {
            registered = true;
            channel.register(selector, SelectionKey.OP_READ, this);
        }
    }

    /**
     * Reads what there is, on the watcher's thread.
     *
     * @return whether to go on watching
     */
    boolean readable(ByteBuffer scratch) {
        RequestWatch told = null;
        lock.lock();
        try {
            // What comes behind more bytes than we keep stays unseen until the container reads.
            while (state == State.WATCHING && spill.free() > 0) {
                int read = channel.read(scratch.clear().limit(spill.free()));
                if (read == 0) {
                    return true;
                }
                if (read < 0) {
                    told = gone(Kind.CLOSED);
                } else {
                    spill.add(scratch.flip());
                }
            }
        } catch (ClosedChannelException e) {
            state = State.IDLE; // by the container
        } catch (IOException e) {
            told = gone(Kind.RESET);
        } finally {
            lock.unlock();
        }
        deliver(told);
        return false;
    }

    /** What a read of the container's returned, which may be the end of the stream in the middle of a body. */
    long seen(long read) {
        if (read < 0) {
            sawEnd(Kind.CLOSED);
        }
        return read;
    }

    /** What a read of the container's failed with. */
    void seen(SocketException failure) {
        logger.log(System.Logger.Level.TRACE, "Reading failed", failure);
        sawEnd(Kind.RESET);
    }

    private void sawEnd(Kind kind) {
        RequestWatch told;
        lock.lock();
        try {
            told = gone(kind);
        } finally {
            lock.unlock();
        }
        deliver(told);
    }

    /** Returns what to tell after the lock has been released. */
    private @Nullable RequestWatch gone(Kind kind) {
        state = State.IDLE;
        RequestWatch open = request;
        boolean counts = kind == Kind.RESET || watcher.isHalfCloseDisconnect();
        return open != null && counts && open.gone(kind) ? open : null;
    }

    /** Has {@code told}, if any, tell its listener on another thread. */
    void deliver(@Nullable RequestWatch told) {
        if (told != null) {
            watcher.execute(told::tell);
        }
    }
}
