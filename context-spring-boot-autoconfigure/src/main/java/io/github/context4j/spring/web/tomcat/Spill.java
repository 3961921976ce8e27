package io.github.context4j.spring.web.tomcat;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that the watcher had to read in order to see the end of the stream behind them, in the order of their
 * arrival, until the container asks for them. Not thread-safe.
 */
final class Spill {
    /** As much as Go's server keeps. */
    static final int CAPACITY = 4096;

    private @Nullable ByteBuffer bytes;

    /** How many bytes are waiting. */
    int size() {
        return bytes == null ? 0 : bytes.position();
    }

    /** How many more there is room for. */
    int free() {
        return CAPACITY - size();
    }

    /** Takes all of {@code stolen}, at most {@link #free()} bytes. */
    void add(ByteBuffer stolen) {
        if (bytes == null) {
            bytes = ByteBuffer.allocate(CAPACITY);
        }
        bytes.put(stolen);
    }

    /** Moves as many bytes as fit, and returns their number. */
    int moveTo(ByteBuffer target) {
        if (bytes == null) {
            return 0;
        }
        bytes.flip();
        int count = Math.min(bytes.remaining(), target.remaining());
        int limit = bytes.limit();
        target.put(bytes.limit(bytes.position() + count));
        bytes.limit(limit).compact();
        if (bytes.position() == 0) {
            bytes = null; // most connections never spill again
        }
        return count;
    }
}
