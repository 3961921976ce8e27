package io.github.context4j.spring.jdbc;

import io.github.context4j.InterruptMask;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A call to the driver.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
interface SqlCall<T extends @Nullable Object> {
    T call() throws SQLException;

    /** Makes the call where no interrupt of a context reaches it: on a virtual thread that would close the socket. */
    default T callMasked() throws SQLException {
        try (InterruptMask mask = InterruptMask.open()) {
            return call();
        }
    }

    /** Makes {@code call} as {@link #callMasked()} does. */
    static <T extends @Nullable Object> T masked(SqlCall<T> call) throws SQLException {
        return call.callMasked();
    }

    /** Makes {@code call} as {@link #callMasked()} does. */
    static void maskedAction(Action call) throws SQLException {
        of(call).callMasked();
    }

    /** A call to the driver that returns nothing. */
    @FunctionalInterface
    interface Action {
        void call() throws SQLException;
    }

    /** {@code call} as one that returns true. */
    static SqlCall<Boolean> of(Action call) {
        return () -> {
            call.call();
            return true;
        };
    }
}
