package io.github.context4j.spring.grpc;

import java.time.Duration;

/**
 * Whether a deadline is so near that what happens now happens because of it. Client, server and context each watch the same
 * deadline by a timer of their own: the other two may say that it has passed a moment before the context does, and a client
 * says so by canceling.
 */
final class Due {
    private static final Duration SOON = Duration.ofMillis(50);

    private Due() {}

    static boolean isIn(Duration time) {
        return time.compareTo(SOON) <= 0;
    }
}
