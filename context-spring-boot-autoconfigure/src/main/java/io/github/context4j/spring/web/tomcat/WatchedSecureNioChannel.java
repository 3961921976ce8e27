package io.github.context4j.spring.web.tomcat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * A TLS channel whose reads first serve what the watcher has taken: encrypted bytes, which go where the channel itself
 * would have put them. The watcher never touches the TLS engine.
 */
final class WatchedSecureNioChannel extends SecureNioChannel implements WatchedChannel {
    private final DisconnectWatcher watcher;
    private volatile @Nullable ConnectionWatch connection;

    WatchedSecureNioChannel(SocketBufferHandler buffers, NioEndpoint endpoint, DisconnectWatcher watcher) {
        super(buffers, endpoint);
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
    public void close(boolean force) throws IOException {
        ConnectionWatch closing = connection;
        if (closing == null) {
            super.close(force);
            return;
        }
        closing.close();
        try {
            super.close(force);
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
            serve(watch);
            return (int) watch.seen(super.read(target));
        } catch (IOException e) {
            sawFailure(watch, e);
            throw e;
        } finally {
            done(watch);
        }
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        ConnectionWatch watch = connection;
        if (watch == null || !watch.isEngaged()) {
            return super.read(targets, offset, length);
        }
        try {
            serve(watch);
            return watch.seen(super.read(targets, offset, length));
        } catch (IOException e) {
            sawFailure(watch, e);
            throw e;
        } finally {
            done(watch);
        }
    }

    /** Reads the socket itself, without {@code read}. */
    @Override
    public void rehandshake(long timeout) throws IOException {
        ConnectionWatch watch = connection;
        if (watch == null || !watch.isEngaged()) {
            super.rehandshake(timeout);
            return;
        }
        try {
            watch.beforeRead(netInBuffer);
            super.rehandshake(timeout);
        } finally {
            done(watch);
        }
    }

    private void sawFailure(ConnectionWatch watch, IOException failure) {
        if (failure instanceof SocketException broken) {
            watch.seen(broken);
        } else if (sslEngine != null && sslEngine.isInboundDone()) {
            watch.seen(-1); // the client has said farewell in the middle of a body
        }
    }

    private void serve(ConnectionWatch watch) {
        if (watch.beforeRead(netInBuffer) > 0) {
            // With no room left the socket is not read, so neither later bytes nor the end of the stream overtake
            // these.
            netInBuffer.limit(netInBuffer.position());
        }
    }

    private void done(ConnectionWatch watch) {
        netInBuffer.limit(netInBuffer.capacity());
        watch.afterRead();
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
