package io.github.context4j.spring.jdbc;

import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;

/** The driver's means to cancel what a connection is executing. */
@FunctionalInterface
interface CancelSignal {

    /** What became of a cancel that was sent. */
    enum Delivery {
        /** It has arrived or never will; it cannot hit a later statement. */
        CERTAIN,
        /** It may still arrive. */
        UNKNOWN,
        /** The driver cannot cancel. */
        UNSUPPORTED
    }

    /** Sends one cancel; blocks until the driver has done so. Never throws. */
    Delivery send();

    /** {@link Statement#cancel()}. */
    static CancelSignal of(Statement statement) {
        return () -> {
            try {
                statement.cancel();
                return Delivery.CERTAIN;
            } catch (SQLFeatureNotSupportedException | AbstractMethodError e) {
                return Delivery.UNSUPPORTED;
            } catch (Throwable t) { // a driver may throw a NullPointerException for a statement closed meanwhile
                return Delivery.UNKNOWN;
            }
        };
    }
}
