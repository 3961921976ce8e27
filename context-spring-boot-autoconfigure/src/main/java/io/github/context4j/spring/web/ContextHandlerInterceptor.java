package io.github.context4j.spring.web;

import static java.util.Objects.requireNonNull;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * Gives the handler the context that its annotations ask for, refuses to start it under one that has ended, and notices when
 * it has returned.
 */
public final class ContextHandlerInterceptor implements AsyncHandlerInterceptor {
    private final HandlerPolicies policies;

    public ContextHandlerInterceptor(HandlerPolicies policies) {
        this.policies = requireNonNull(policies, "policies");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        RequestContext context = RequestContext.of(request);
        if (context != null) {
            boolean first = !context.isHandlerFound();
            switch (request.getDispatcherType()) {
                case ERROR -> {} // the filter has made the right context current
                case REQUEST, ASYNC -> {
                    if (first) {
                        begin(context, request, handler);
                    }
                }
                case FORWARD, INCLUDE -> {
                    if (first && !context.isEnded()) {
                        begin(context, request, handler);
                    } else {
                        context.forwarded();
                    }
                }
            }
        }
        return true;
    }

    private void begin(RequestContext context, HttpServletRequest request, Object handler) {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        RequestPolicy policy =
                handler instanceof HandlerMethod method ? policies.of(method, context.policy()) : context.policy();
        context.handlerFound(pattern == null ? "" : pattern.toString(), policy);
        context.context().throwIfDone();
    }

    @Override
    public void afterConcurrentHandlingStarted(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        RequestContext context = RequestContext.of(request);
        if (context != null) {
            context.handlerWentAsync();
            context.leavesDispatcher();
        }
    }

    @Override
    public void postHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable ModelAndView view) {
        handlerReturned(request);
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception failure) {
        handlerReturned(request);
        RequestContext context = RequestContext.of(request);
        if (context != null && request.getDispatcherType() != DispatcherType.ERROR) {
            context.leavesDispatcher();
        }
    }

    static void handlerReturned(HttpServletRequest request) {
        RequestContext context = RequestContext.of(request);
        if (context != null && request.getDispatcherType() != DispatcherType.ERROR) {
            context.handlerReturned();
        }
    }
}
