package io.github.context4j.spring.web.tomcat;

import org.jspecify.annotations.Nullable;

/** A channel of Tomcat's that lets the watcher read while the container does not. Pooled: it outlives its connection. */
interface WatchedChannel {
    /** The watch over the connection that the channel is bound to now, null if to none. */
    @Nullable
    ConnectionWatch connection();
}
