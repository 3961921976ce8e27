package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.LiveContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.Marker;

/**
 * Has the lines that are logged under a context that has ended say why it has: in the MDC, by the key {@link
 * ContextEndedReason#MDC_KEY}. The MDC belongs to the thread, and contexts are ended by others, so it is brought up to date
 * when the thread logs: Logback asks its turbo filters ahead of each line. What stays in the MDC after the last line is removed
 * with the next one, and with the request's id.
 *
 * <p>From when it is made until it is closed; it survives a reset of the logger context.
 */
public final class CauseInMdc extends TurboFilter implements LoggerContextListener, AutoCloseable {
    private final LoggerContext loggers;

    public CauseInMdc(LoggerContext loggers) {
        this.loggers = requireNonNull(loggers, "loggers");
        loggers.addListener(this);
        join();
        start();
    }

    /** Ahead of the others: once one of them has decided, the rest are not asked. */
    private void join() {
        loggers.getTurboFilterList().add(0, this);
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable failure) {
        if (level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            String cause = cause();
            if (!Objects.equals(cause, MDC.get(ContextEndedReason.MDC_KEY))) {
                update(cause);
            }
        }
        return FilterReply.NEUTRAL;
    }

    private static void update(@Nullable String cause) {
        if (cause == null) {
            MDC.remove(ContextEndedReason.MDC_KEY);
        } else {
            MDC.put(ContextEndedReason.MDC_KEY, cause);
        }
    }

    /** Why the context of this thread's work has ended; null if it has not, or there is none. */
    private static @Nullable String cause() {
        Context current = CurrentContext.get();
        if (current == null) {
            return null;
        }
        Throwable cause = current.cause();
        if (cause == null) {
            // What comes after the handler has no cancellation, but is still about the request.
            LiveContext request = current.get(LiveContext.KEY);
            cause = request != null && request.thread() == Thread.currentThread()
                    ? request.context().cause()
                    : null;
        }
        return cause == null ? null : ContextEndedReason.tagOf(cause);
    }

    /** To be called once. */
    @Override
    public void close() {
        loggers.removeListener(this);
        loggers.getTurboFilterList().remove(this);
        stop();
    }

    @Override
    public boolean isResetResistant() {
        return true;
    }

    @Override
    public void onReset(LoggerContext context) {
        join();
    }

    @Override
    public void onStart(LoggerContext context) {}

    @Override
    public void onStop(LoggerContext context) {}

    @Override
    public void onLevelChange(Logger logger, Level level) {}
}
