package io.github.context4j.spring.web.tomcat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/** A clear-text channel whose reads first serve what the watcher has taken. */
final class WatchedNioChannel extends NioChannel implements WatchedChannel {
    private final DisconnectWatcher watcher;
    private volatile @Nullable ConnectionWatch connection;

    WatchedNioChannel(SocketBufferHandler buffers, DisconnectWatcher watcher) {
        super(buffers);
        this.watcher = watcher;
    }

    @Override
    public @Nullable ConnectionWatch connection() {
        return connection;
    }

    @Override
    public void reset(@Nullable SocketChannel channel, @Nullable NioSocketWrapper wrapper) throws IOException {
        connection = ConnectionWatch.replace(connection, watcher, channel, wrapper);
        super.reset(channel, wrapper);
    }

    @Override
    public void close() throws IOException {
        ConnectionWatch closing = connection;
        if (closing == null) {
            super.close();
            return;
        }
        closing.close();
        try {
            super.close();
        } finally {
            closing.release();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        ConnectionWatch watch = connection;
        if (watch == null || !watch.isEngaged()) {
            return super.read(target);
        }
        try {
            int served = watch.beforeRead(target);
            return served > 0 ? served : (int) watch.seen(super.read(target));
        } catch (SocketException e) {
            watch.seen(e);
            throw e;
        } finally {
            watch.afterRead();
        }
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        ConnectionWatch watch = connection;
        if (watch == null || !watch.isEngaged()) {
            return super.read(targets, offset, length);
        }
        try {
            long served = 0;
            for (int i = offset; i < offset + length; i++) {
                served += watch.beforeRead(targets[i]);
            }
            return served > 0 ? served : watch.seen(super.read(targets, offset, length));
        } catch (SocketException e) {
            watch.seen(e);
            throw e;
        } finally {
            watch.afterRead();
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ConnectionWatch watch = connection;
        if (watch != null) {
            watch.beforeWrite();
        }
        return super.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        ConnectionWatch watch = connection;
        if (watch != null) {
            watch.beforeWrite();
        }
        return super.write(sources, offset, length);
    }
}
