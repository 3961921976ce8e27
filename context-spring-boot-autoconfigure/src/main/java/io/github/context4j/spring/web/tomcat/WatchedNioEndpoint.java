package io.github.context4j.spring.web.tomcat;

import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/** An endpoint whose channels can be watched; the watcher lives from its start to its stop. */
final class WatchedNioEndpoint extends NioEndpoint {
    private volatile boolean halfCloseDisconnect = true;
    private volatile @Nullable DisconnectWatcher watcher;

    void setHalfCloseDisconnect(boolean halfCloseDisconnect) {
        this.halfCloseDisconnect = halfCloseDisconnect;
    }

    /** Fails with a LinkageError where Tomcat does not ask an endpoint for its channels: before 11. */
    void check() {
        super.createChannel(new SocketBufferHandler(0, 0, false));
    }

    /** How many connections the watcher's selector knows. */
    int registered() {
        DisconnectWatcher current = watcher;
        return current == null ? 0 : current.registered();
    }

    @Override
    public void startInternal() throws Exception {
        if (!running) {
            watcher = new DisconnectWatcher(getName() + "-DisconnectWatcher", halfCloseDisconnect);
        }
        super.startInternal();
    }

    @Override
    public void stopInternal() {
        try {
            super.stopInternal(); // closes the connections, which the watcher has to let go of
        } finally {
            DisconnectWatcher stopped = watcher;
            watcher = null;
            if (stopped != null) {
                stopped.close();
            }
        }
    }

    @Override
    protected NioChannel createChannel(SocketBufferHandler buffers) {
        DisconnectWatcher current = watcher;
        if (current == null) {
            return super.createChannel(buffers);
        }
        return isSSLEnabled()
                ? new WatchedSecureNioChannel(buffers, this, current)
                : new WatchedNioChannel(buffers, current);
    }
}
