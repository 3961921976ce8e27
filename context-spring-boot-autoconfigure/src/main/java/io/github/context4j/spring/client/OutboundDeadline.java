package io.github.context4j.spring.client;

import io.github.context4j.Context;
import io.github.context4j.Deadline;
import io.github.context4j.spring.DeadlineHeader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Tells the next service how much time is left. */
final class OutboundDeadline {
    private OutboundDeadline() {}

    /**
     * Writes the time that {@code context} has left. What the application wrote there stays if it is a shorter time. Where the
     * format knows no time as short as what is left, it waits for the end of the context instead: nobody could answer in it.
     *
     * @throws IOException if somebody else interrupts the thread
     */
    static void write(DeadlineHeader header, Context context, HttpHeaders headers) throws IOException {
        Deadline deadline = context.deadline();
        if (deadline == null) {
            return;
        }
        Duration left = deadline.remaining();
        String value = header.format().write(left);
        if (value == null) {
            awaitEnd(context);
        } else if (!isShorter(headers.get(header.name()), header.format(), left)) {
            headers.set(header.name(), value);
        }
    }

    private static boolean isShorter(@Nullable List<String> values, DeadlineHeader.Format format, Duration left) {
        if (values == null || values.size() != 1) {
            return false;
        }
        Duration own = format.read(values.get(0));
        return own != null && own.compareTo(left) < 0;
    }

    private static void awaitEnd(Context context) throws IOException {
        try {
            context.awaitDone();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted before the request was sent");
        }
        context.throwIfDone();
    }
}
