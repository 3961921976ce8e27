package io.github.context4j.sample;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * An event as a client sends it.
 *
 * @param type what happened, such as {@code order-placed}
 * @param detail the rest of the story, empty if not given
 */
record NewEvent(@Nullable String type, @Nullable String detail) {
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final int MAX_DETAIL = 2000;

    /** The event with a name of its own; answered with 400 if this is not one. */
    Event validated() {
        if (type == null || !TYPE.matcher(type).matches()) {
            throw invalid("type: " + type + " (expected: 1 to 63 of a-z, 0-9 and -, a letter first)");
        }
        if (detail != null && detail.length() > MAX_DETAIL) {
            throw invalid("detail: " + detail.length() + " characters (expected: at most " + MAX_DETAIL + ")");
        }
        return new Event(UUID.randomUUID(), type, detail == null ? "" : detail);
    }

    private static ResponseStatusException invalid(String reason) {
        return new ResponseStatusException(HttpStatus.BAD_REQUEST, reason);
    }
}
