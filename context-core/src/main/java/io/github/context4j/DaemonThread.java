package io.github.context4j;

/** Makes the library's platform threads: daemons that keep no application's class loader and no thread-local alive. */
final class DaemonThread {
    private DaemonThread() {}

    static Thread create(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        return thread;
    }
}
