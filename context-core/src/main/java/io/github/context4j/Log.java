package io.github.context4j;

/** Tells of what went wrong where no caller can be told by an exception. */
final class Log {
    private Log() {}

    /** Never throws: a log that is broken must not stop what it is told about. */
    static void warn(String message, Throwable reason) {
        try {
            System.getLogger(Context.class.getName()).log(System.Logger.Level.WARNING, message, reason);
        } catch (Throwable broken) {
            // There is nobody left to tell.
        }
    }
}
