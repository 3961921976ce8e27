package io.github.context4j.spring.propagation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.ShutdownException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

class CauseInMdcTests {
    private final LoggerContext loggers = new LoggerContext();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = loggers.getLogger("application");

    @BeforeEach
    void listen() {
        loggers.setMDCAdapter(MDC.getMDCAdapter());
        loggers.putObject(Environment.class.getName(), new StandardEnvironment());
        loggers.start();
        capture();
    }

    private void capture() {
        lines.start();
        loggers.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(lines);
    }

    @AfterEach
    void end() {
        loggers.stop();
        MDC.clear();
    }

    private Map<String, String> mdcOf(String message) {
        logger.info(message);
        ILoggingEvent line = lines.list.remove(lines.list.size() - 1);
        assertThat(line.getMessage()).isEqualTo(message);
        return line.getMDCPropertyMap();
    }

    private Map<String, String> mdcUnder(Context context) {
        return context.<Map<String, String>, RuntimeException>call(() -> mdcOf("under"));
    }

    private static CancelableContext ended() {
        try (CancelableContext context = Context.background().withCancel()) {
            context.cancel(ShutdownException.graceOver(Duration.ZERO));
            return context;
        }
    }

    @Test
    void aLineUnderAContextThatHasEndedSaysWhyAndTheNextOneDoesNot() {
        try (CauseInMdc causes = new CauseInMdc(loggers);
                CancelableContext active = Context.background().withCancel()) {
            assertThat(causes.isStarted()).isTrue();
            assertThat(mdcUnder(active)).isEmpty();
            assertThat(mdcUnder(ended())).containsExactly(Map.entry(ContextEndedReason.MDC_KEY, "shutdown"));
            assertThat(mdcUnder(active)).isEmpty();
            assertThat(mdcUnder(ended())).isNotEmpty();
            assertThat(mdcOf("under none")).isEmpty();
            assertThat(MDC.get(ContextEndedReason.MDC_KEY)).isNull();
        }
    }

    @Test
    void aLineThatIsNotLoggedChangesNothing() {
        try (CauseInMdc causes = new CauseInMdc(loggers)) {
            assertThat(causes.isStarted()).isTrue();
            logger.setLevel(Level.WARN);
            ended().run(() -> logger.info("too low"));

            assertThat(MDC.get(ContextEndedReason.MDC_KEY)).isNull();
            assertThat(lines.list).isEmpty();
        }
    }

    @Test
    void aContextThatTheApplicationCanceledSaysOther() {
        try (CauseInMdc causes = new CauseInMdc(loggers);
                CancelableContext context = Context.background().withCancel()) {
            assertThat(causes.isStarted()).isTrue();
            context.cancel(new IllegalStateException("mine"));

            assertThat(mdcUnder(context)).containsEntry(ContextEndedReason.MDC_KEY, "other");
        }
    }

    @Test
    void patternsAndStructuredLogsHaveIt() {
        PatternLayout layout = new PatternLayout();
        layout.setContext(loggers);
        layout.setPattern("[%X{contextCause}] %m");
        layout.start();
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(loggers);
        encoder.setFormat("logstash");
        encoder.start();
        try (CauseInMdc causes = new CauseInMdc(loggers)) {
            assertThat(causes.isStarted()).isTrue();
            ended().run(() -> logger.error("failed"));
        }

        ILoggingEvent line = lines.list.get(0);
        assertThat(layout.doLayout(line)).isEqualTo("[shutdown] failed");
        assertThat(new String(encoder.encode(line), StandardCharsets.UTF_8)).contains("\"contextCause\":\"shutdown\"");
    }

    /** As when another application of the same process starts its logging anew. */
    @Test
    void aResetOfTheLoggersDoesNotEndIt() {
        try (CauseInMdc causes = new CauseInMdc(loggers)) {
            loggers.reset();
            capture();

            assertThat(loggers.getTurboFilterList()).containsExactly(causes);
            assertThat(mdcUnder(ended())).isNotEmpty();
        }
    }

    @Test
    void closedItLeavesNothingInTheLoggers() {
        try (CauseInMdc one = new CauseInMdc(loggers);
                CauseInMdc other = new CauseInMdc(loggers)) {
            one.close();
            assertThat(loggers.getTurboFilterList()).containsExactly(other);
            assertThat(mdcUnder(ended())).isNotEmpty();
        }

        assertThat(loggers.getTurboFilterList()).isEmpty();
        assertThat(loggers.getCopyOfListenerList()).isEmpty();
        MDC.clear();
        assertThat(mdcUnder(ended())).isEmpty();
    }
}
