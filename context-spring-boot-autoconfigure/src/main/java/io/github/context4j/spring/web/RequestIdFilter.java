package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.ContextEndedReason;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Has the id of the request in the MDC while the request is handled, and in the response. A filter outside this one may
 * have chosen it, by either; else the client may. What they choose is checked, since it goes into logs.
 */
public final class RequestIdFilter implements Filter {
    /** Outside the context's filter, so that what that logs has the id. */
    public static final int ORDER = ContextFilter.ORDER - 1;

    /** The key in the MDC. */
    public static final String MDC_KEY = "requestId";

    private static final String ATTRIBUTE = RequestIdFilter.class.getName();
    private static final int MAX_LENGTH = 128;

    private final String header;

    /** @param header the name of the header, both of the request and of the response */
    public RequestIdFilter(String header) {
        this.header = requireNonNull(header, "header");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http) || !(response instanceof HttpServletResponse answer)) {
            chain.doFilter(request, response);
            return;
        }
        String before = MDC.get(MDC_KEY);
        MDC.put(MDC_KEY, id(http, answer, before));
        try {
            chain.doFilter(request, response);
        } finally {
            // The thread's next line would have it removed, but others read the MDC, too.
            MDC.remove(ContextEndedReason.MDC_KEY);
            if (before == null) {
                MDC.remove(MDC_KEY);
            } else {
                MDC.put(MDC_KEY, before);
            }
        }
    }

    private String id(HttpServletRequest request, HttpServletResponse response, @Nullable String before) {
        if (request.getAttribute(ATTRIBUTE) instanceof String known) {
            return known; // another dispatch of the same request
        }
        String id = id(response.getHeader(header), before, request.getHeader(header));
        request.setAttribute(ATTRIBUTE, id);
        response.setHeader(header, id);
        return id;
    }

    private static String id(@Nullable String answered, @Nullable String logged, @Nullable String wanted) {
        String chosen = isSafe(answered) ? answered : isSafe(logged) ? logged : wanted;
        return isSafe(chosen) ? requireNonNull(chosen) : fresh();
    }

    /** Whether {@code id} can go into any log and any header: what ids of other systems consist of, and no more. */
    static boolean isSafe(@Nullable String id) {
        return id != null
                && !id.isEmpty()
                && id.length() <= MAX_LENGTH
                && id.chars().allMatch(RequestIdFilter::isSafe);
    }

    private static boolean isSafe(int c) {
        boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return alphanumeric || "-_.:/=+@".indexOf(c) >= 0;
    }

    /** Unique, not secret. */
    private static String fresh() {
        HexFormat hex = HexFormat.of();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }
}
