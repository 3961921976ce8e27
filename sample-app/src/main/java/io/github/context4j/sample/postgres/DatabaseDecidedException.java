package io.github.context4j.sample.postgres;

/** A database is named for a sample that was prepared ahead of time to start its own. */
final class DatabaseDecidedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DatabaseDecidedException() {
        super(OnNoDataSourceUrl.KEY
                + " is set, but this sample was prepared ahead of time without it, to start a PostgreSQL"
                + " of its own");
    }
}
