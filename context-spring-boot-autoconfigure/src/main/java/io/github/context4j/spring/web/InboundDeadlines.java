package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DeadlineHeader;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * How long callers wait for the response, by what they say in request headers. Anybody may write anything there: what says
 * no time is ignored and counted, and of several times the shortest holds, so that a header never gives a request more time.
 * Thread-safe.
 */
public final class InboundDeadlines {
    private static final int SHOWN_CHARACTERS = 40;

    private static final Log logger = LogFactory.getLog(InboundDeadlines.class);

    private final List<DeadlineHeader> headers;
    private final @Nullable Duration minBudget;
    private final ContextObserver observer;

    /**
     * @param headers where callers say it
     * @param minBudget the time below which a request is not worth beginning, null if every one is
     */
    public InboundDeadlines(List<DeadlineHeader> headers, @Nullable Duration minBudget, ContextObserver observer) {
        this.headers = List.copyOf(headers);
        this.minBudget = minBudget;
        this.observer = requireNonNull(observer, "observer");
    }

    /** How long the caller waits from now, null if it does not say. */
    @Nullable
    Duration of(HttpServletRequest request) {
        Duration shortest = null;
        for (int i = 0; i < headers.size(); i++) { // without an iterator: this is done for each request
            DeadlineHeader header = headers.get(i);
            if (request.getHeader(header.name()) != null) {
                shortest = shorter(shortest, of(request, header));
            }
        }
        return shortest;
    }

    private @Nullable Duration of(HttpServletRequest request, DeadlineHeader header) {
        Duration shortest = null;
        Enumeration<String> values = request.getHeaders(header.name());
        while (values.hasMoreElements()) {
            String value = values.nextElement();
            Duration time = header.format().read(value);
            if (time == null) {
                ignored(header, value);
            } else {
                shortest = shorter(shortest, time);
            }
        }
        return shortest;
    }

    private static @Nullable Duration shorter(@Nullable Duration one, @Nullable Duration other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }

    private void ignored(DeadlineHeader header, String value) {
        if (logger.isDebugEnabled()) {
            String shown = value.length() <= SHOWN_CHARACTERS ? value : value.substring(0, SHOWN_CHARACTERS) + "...";
            logger.debug("Ignored header " + header.name() + ": " + shown.replaceAll("[^ -~]", "?"));
        }
        observer.deadlineHeaderIgnored(header);
    }

    /** Whether it is not worth beginning on a request whose caller waits for {@code time}. */
    boolean isTooLittle(Duration time) {
        return time.isZero() || (minBudget != null && time.compareTo(minBudget) < 0);
    }
}
