package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * The id of the request that is handled on this thread, for the services that it calls.
 *
 * @param header the header that it goes in
 * @param id asked on the thread that calls, null where there is none
 */
public record OutboundRequestId(String header, Supplier<@Nullable String> id) {
    public OutboundRequestId {
        requireNonNull(header, "header");
        requireNonNull(id, "id");
    }

    /** An id that the application chose stays. */
    void write(HttpHeaders headers) {
        String known = headers.getFirst(header) == null ? id.get() : null;
        if (known != null) {
            headers.set(header, known);
        }
    }
}
