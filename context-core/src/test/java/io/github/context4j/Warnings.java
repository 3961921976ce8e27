package io.github.context4j;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Takes what the core logs, in place of the console. */
final class Warnings extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger(Context.class.getName());
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final boolean broken;

    private Warnings(boolean broken) {
        this.broken = broken;
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    static Warnings record() {
        return new Warnings(false);
    }

    /** A log that throws whatever it is told. */
    static Warnings broken() {
        return new Warnings(true);
    }

    List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    List<Throwable> thrown() {
        return records.stream().map(LogRecord::getThrown).toList();
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
        if (broken) {
            throw new IllegalStateException("the log is broken");
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
