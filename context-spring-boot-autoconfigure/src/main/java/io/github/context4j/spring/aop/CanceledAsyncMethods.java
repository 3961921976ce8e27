package io.github.context4j.spring.aop;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.aop.interceptor.SimpleAsyncUncaughtExceptionHandler;
import org.springframework.scheduling.annotation.AsyncConfigurer;

/**
 * Says in one line, without a stack trace, that an {@code @Async} method without a result was canceled. Spring would call it an
 * unexpected exception, with its stack, at ERROR; so it still does with every other failure. An application that handles
 * these exceptions itself is told of all of them.
 */
public final class CanceledAsyncMethods implements AsyncConfigurer, AsyncUncaughtExceptionHandler {
    private static final Log logger = LogFactory.getLog(CanceledAsyncMethods.class);

    private final AsyncConfigurer configurer;
    private final AsyncUncaughtExceptionHandler springs = new SimpleAsyncUncaughtExceptionHandler();

    /** @param configurer has its executor, and its handler if it has one */
    public CanceledAsyncMethods(AsyncConfigurer configurer) {
        this.configurer = requireNonNull(configurer, "configurer");
    }

    @Override
    public @Nullable Executor getAsyncExecutor() {
        return configurer.getAsyncExecutor();
    }

    @Override
    public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
        AsyncUncaughtExceptionHandler own = configurer.getAsyncUncaughtExceptionHandler();
        return own != null ? own : this;
    }

    @Override
    public void handleUncaughtException(Throwable failure, Method method, @Nullable Object... arguments) {
        ContextException ended = ContextException.in(failure);
        // The task's context is still current. If it is active, something inside took too long, which is an ordinary
        // failure.
        if (ended == null || !Context.current().isDone()) {
            springs.handleUncaughtException(failure, method, arguments);
            return;
        }
        String what = method.getDeclaringClass().getSimpleName() + "." + method.getName() + ": " + ended.getMessage();
        if (Context.current().state() == Context.State.DEADLINE_EXCEEDED) {
            logger.warn(what);
        } else {
            logger.info(what);
        }
    }
}
