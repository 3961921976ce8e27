package io.github.context4j.sample;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** How long something slow is asked to take. */
final class Seconds {
    private static final int MAX = 300;

    private Seconds() {}

    /** Answers with 400 if {@code seconds} is more than anybody waits for, or less than nothing. */
    static void check(int seconds) {
        if (seconds < 0 || seconds > MAX) {
            throw new ResponseStatusException(
                    HttpStatus.BAD_REQUEST, "seconds: " + seconds + " (expected: 0 to " + MAX + ")");
        }
    }
}
