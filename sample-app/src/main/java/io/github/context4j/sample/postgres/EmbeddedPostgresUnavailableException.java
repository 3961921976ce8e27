package io.github.context4j.sample.postgres;

/** The embedded PostgreSQL did not start on this machine. */
final class EmbeddedPostgresUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EmbeddedPostgresUnavailableException(Throwable cause) {
        super("The embedded PostgreSQL did not start: " + cause, cause);
    }
}
