package io.github.context4j.spring;

import java.util.Locale;

/** What came of one attempt to cancel a query in the database. */
public enum CancelResult {
    /** The driver delivered the cancel. */
    SENT,
    /** The driver failed, or took so long that the cancel may still arrive: the connection is aborted. */
    UNKNOWN,
    /** The connection was aborted, because the cancel is of unknown outcome or the query did not end in time. */
    ABORTED;

    /** The name for metrics. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
