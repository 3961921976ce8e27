package io.github.context4j.spring.jdbc;

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
