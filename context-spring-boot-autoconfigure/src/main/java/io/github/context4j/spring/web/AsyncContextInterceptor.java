package io.github.context4j.spring.web;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.ClientDisconnectedException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.Callable;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Carries the request's context into asynchronous handling: it is current while a {@link Callable} or streaming body runs,
 * and its end is the result of a {@link DeferredResult}, future or emitter that has no other by then.
 *
 * <p>An emitter whose client leaves is left to the application, which may keep it among others: its next {@code send} is to fail
 * with an {@code IOException}, as it does without a context, and not because the emitter is complete.
 */
public final class AsyncContextInterceptor
        implements CallableProcessingInterceptor, DeferredResultProcessingInterceptor {
    private static final Log logger = LogFactory.getLog(AsyncContextInterceptor.class);
    private static final String REGISTRATION = AsyncContextInterceptor.class.getName() + ".registration";

    /** What was current before the task that this thread runs; not an attribute, for the request may be over by its end. */
    private static final ThreadLocal<@Nullable Entered> PREVIOUS = new ThreadLocal<>();

    private record Entered(RequestContext request, Context before) {}

    @Override
    public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
        RequestContext context = of(request);
        if (context != null) {
            context.context().throwIfDone();
            context.enter();
            Context before = CurrentContext.exchange(context.context());
            PREVIOUS.set(new Entered(context, before == null ? Context.background() : before));
        }
    }

    @Override
    public <T> void postProcess(NativeWebRequest request, Callable<T> task, @Nullable Object result) {
        Entered entered = PREVIOUS.get();
        if (entered != null) {
            PREVIOUS.remove();
            entered.request.leave();
            CurrentContext.exchange(entered.before);
        }
    }

    @Override
    public <T> void preProcess(NativeWebRequest request, DeferredResult<T> result) {
        RequestContext context = of(request);
        if (context != null) {
            Object handler = get(request, HandlerMapping.BEST_MATCHING_HANDLER_ATTRIBUTE);
            set(request, REGISTRATION, context.context().onDone(() -> {
                ContextException ended = context.context().exception();
                if (ended == null) {
                    return;
                }
                if (context.context().cause() instanceof ClientDisconnectedException
                        && HandlerPolicies.returnsEmitter(handler)) {
                    context.leaveToApplication(() -> end(result, ended));
                } else {
                    end(result, ended);
                }
            }));
        }
    }

    private static void end(DeferredResult<?> result, ContextException ended) {
        try {
            result.setErrorResult(ended);
        } catch (IllegalStateException e) {
            logger.debug("The container has ended the request meanwhile", e); // as a write to the client has failed
        }
    }

    @Override
    public <T> void postProcess(NativeWebRequest request, DeferredResult<T> result, @Nullable Object value) {
        stop(request);
    }

    @Override
    public <T> void afterCompletion(NativeWebRequest request, DeferredResult<T> result) {
        stop(request);
    }

    private static void stop(NativeWebRequest request) {
        if (get(request, REGISTRATION) instanceof Context.Registration registration) {
            registration.stop();
        }
    }

    private static @Nullable Object get(NativeWebRequest request, String name) {
        return request.getAttribute(name, RequestAttributes.SCOPE_REQUEST);
    }

    private static void set(NativeWebRequest request, String name, Object value) {
        request.setAttribute(name, value, RequestAttributes.SCOPE_REQUEST);
    }

    private static @Nullable RequestContext of(NativeWebRequest request) {
        HttpServletRequest servlet = request.getNativeRequest(HttpServletRequest.class);
        RequestContext context = servlet == null ? null : RequestContext.of(servlet);
        return context == null || context.isEnded() ? null : context; // an error page may be asynchronous, too
    }
}
