package io.github.context4j.spring.testing;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What is logged, at any level for our own packages, while this is open. */
public final class LogEvents extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger own = (Logger) LoggerFactory.getLogger("io.github.context4j");

    private LogEvents() {}

    public static LogEvents capture() {
        LogEvents events = new LogEvents();
        events.setContext(events.root.getLoggerContext());
        events.own.setLevel(Level.DEBUG);
        events.start();
        events.root.addAppender(events);
        return events;
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing(); // the MDC is read when it is asked for
        events.add(event);
    }

    /** The messages at {@code level}. */
    public List<String> at(Level level) {
        return events.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(event -> requireNonNull(event.getFormattedMessage(), "message"))
                .toList();
    }

    /** The MDC of what was logged at {@code level}. */
    public List<Map<String, String>> mdcAt(Level level) {
        return events.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(ILoggingEvent::getMDCPropertyMap)
                .toList();
    }

    /** Whether anything at {@code level} came with a stack trace. */
    public boolean hasStackTraceAt(Level level) {
        return events.stream().anyMatch(event -> event.getLevel().equals(level) && event.getThrowableProxy() != null);
    }

    public void clear() {
        events.clear();
    }

    @Override
    public void close() {
        root.detachAppender(this);
        own.setLevel(null);
        stop();
    }
}
