package io.github.context4j;

import java.security.AccessController;
import java.security.PrivilegedAction;

/** Makes the library's platform threads: daemons that keep no application's class loader and no thread-local alive. */
final class DaemonThread {
    private DaemonThread() {}

    /**
     * Before Java 24 a thread inherits the protection domains, and so the class loaders, of all that is on the stack where it is
     * made; but not of what is beyond a privileged action.
     */
    @SuppressWarnings("removal")
    static Thread create(String name, Runnable task) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(null, task, name, 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
        });
    }
}
