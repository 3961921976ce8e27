package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
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
 * Gives each request its context, makes it current, and answers for what failed because it ended. Registered for all
 * dispatcher types: a FORWARD or INCLUDE mostly runs inside one of the others, and finds and leaves what is current there.
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
        RequestContext open = known == null || known.isEnded() ? null : known;
        switch (request.getDispatcherType()) {
            case ERROR -> errorPage(known, http, answer, chain);
            case FORWARD, INCLUDE -> within(known, open, http, answer, chain);
            case REQUEST, ASYNC -> {
                if (open == null) {
                    begin(http, answer, chain);
                } else {
                    proceed(open, http, answer, chain);
                }
            }
        }
    }

    /** Inside another dispatch; where it is not on this thread, or over, it is an error page that the container includes. */
    private void within(
            @Nullable RequestContext known,
            @Nullable RequestContext open,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain)
            throws IOException, ServletException {
        if (CurrentContext.get() != null) {
            doFilterWith(Context.current(), request, response, chain);
        } else if (open != null) {
            doFilterWith(open.context(), request, response, chain);
        } else {
            errorPage(known, request, response, chain);
        }
    }

    private void begin(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        RequestContext context = contexts.begin(request);
        try {
            if (context.isRefused()) {
                responder.refuse(context, request, response);
            } else {
                proceed(context, request, response, chain);
            }
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
        context.enter();
        Context previous = CurrentContext.exchange(context.context());
        try {
            chain.doFilter(request, response);
        } catch (IOException | ServletException | RuntimeException failure) {
            // What is logged about the request is logged under it; nothing that is done about it is to be canceled.
            CurrentContext.exchange(context.context().withoutCancel());
            if (!responder.respond(context, request, response, failure)) {
                throw failure;
            }
        } finally {
            CurrentContext.exchange(previous);
            context.leave();
        }
    }

    /** The request's own context has ended by now, or is about to: the error page has its values. */
    private void errorPage(
            @Nullable RequestContext known, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (known == null) {
            chain.doFilter(request, response);
            return;
        }
        Context context = contexts.afterwards(known);
        try {
            doFilterWith(context, request, response, chain);
        } finally {
            if (context instanceof CancelableContext timed) {
                timed.close();
            }
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
