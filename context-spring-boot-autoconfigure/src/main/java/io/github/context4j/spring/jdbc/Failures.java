package io.github.context4j.spring.jdbc;

import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTimeoutException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The exceptions by which callers learn that a context ended their work, and the recognition of drivers' ones. */
final class Failures {
    private static final String QUERY_CANCELED = "57014";
    private static final String OPERATOR_INTERVENTION = "57000";
    private static final String CONNECTION_DOES_NOT_EXIST = "08003";
    private static final String TRANSACTION_RESOLUTION_UNKNOWN = "08007";

    /** PostgreSQL, H2 and DB2; MySQL and MariaDB; SQL Server; Oracle; Derby. */
    private static final Set<String> CANCELED_STATES = Set.of(QUERY_CANCELED, "70100", "HY008", "72000", "XCL52");

    private Failures() {}

    /**
     * Says that {@code ended} is why the work was not done. After a deadline it is what a statement's own time-out is, else
     * something that nobody takes for transient: repeating is of no use to a client that has left.
     *
     * @param driver what the driver said, if it was asked
     */
    static SQLException of(ContextException ended, @Nullable Throwable driver) {
        SQLException failure = ended instanceof DeadlineExceededException
                ? new SQLTimeoutException(ended.getMessage(), QUERY_CANCELED, ended)
                : new SQLNonTransientException(ended.getMessage(), OPERATOR_INTERVENTION, ended);
        return with(failure, driver);
    }

    /** Says that the connection was aborted earlier, because of {@code ended} if that is known. */
    static SQLException aborted(@Nullable ContextException ended) {
        return new SQLNonTransientConnectionException(
                "Connection was aborted, since what it executed could not be canceled in time",
                CONNECTION_DOES_NOT_EXIST,
                ended);
    }

    /** Says that a COMMIT was sent and its answer is not known. */
    static SQLException outcomeUnknown(@Nullable ContextException ended, @Nullable Throwable driver) {
        return with(
                new SQLNonTransientConnectionException(
                        "The outcome of the transaction is unknown: the connection was aborted during COMMIT",
                        TRANSACTION_RESOLUTION_UNKNOWN,
                        ended),
                driver);
    }

    private static SQLException with(SQLException failure, @Nullable Throwable driver) {
        if (driver != null) {
            failure.addSuppressed(driver);
        }
        return failure;
    }

    /** Whether a driver's exception says that the statement was canceled, rather than that something is wrong with it. */
    static boolean isCancellation(SQLException driver) {
        if (driver instanceof BatchUpdateException && driver.getNextException() != null) {
            return isCancellation(driver.getNextException());
        }
        String state = driver.getSQLState();
        return driver instanceof SQLTimeoutException || (state != null && CANCELED_STATES.contains(state));
    }
}
