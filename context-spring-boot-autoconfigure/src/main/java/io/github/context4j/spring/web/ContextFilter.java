package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;

/**
 * Gives each request its context, makes it current, and answers for what failed because it ended. Registered for the
 * dispatcher types REQUEST, ASYNC and ERROR; a FORWARD or INCLUDE runs inside one of these, on the same thread.
 */
public final class ContextFilter implements Filter {
    /** Inside the observation of the request, which is to see the status that is set here; outside everything else. */
    public static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 10;

    private final RequestContexts contexts;
    private final EndedRequestResponder responder = new EndedRequestResponder();

    public ContextFilter(RequestContexts contexts) {
        this.contexts = requireNonNull(contexts, "contexts");
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http) || !(response instanceof HttpServletResponse answer)) {
            chain.doFilter(request, response);
            return;
        }
        RequestContext known = RequestContext.of(request);
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            errorPage(known, http, answer, chain);
        } else if (known == null) {
            begin(http, answer, chain);
        } else {
            proceed(known, http, answer, chain);
        }
    }

    private void begin(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        RequestContext context = contexts.begin(request);
        try {
            proceed(context, request, response, chain);
        } finally {
            if (request.isAsyncStarted()) {
                request.getAsyncContext().addListener(new EndOnCompletion(context));
            } else {
                context.end();
            }
        }
    }

    private void proceed(
            RequestContext context, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            doFilterWith(context.context(), request, response, chain);
        } catch (IOException | ServletException | RuntimeException failure) {
            if (!responder.respond(context, request, response, failure)) {
                throw failure;
            }
        }
    }

    /** The request's own context has ended by now, or is about to: the error page has its values and time of its own. */
    private static void errorPage(
            @Nullable RequestContext known, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Context values = known == null ? Context.background() : known.context().withoutCancel();
        try (CancelableContext context = values.withTimeout(RequestContext.AFTERWARDS)) {
            doFilterWith(context, request, response, chain);
        }
    }

    private static void doFilterWith(
            Context context, ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Context previous = CurrentContext.exchange(context);
        try {
            chain.doFilter(request, response);
        } finally {
            CurrentContext.exchange(previous);
        }
    }
}
