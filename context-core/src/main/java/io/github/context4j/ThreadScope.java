package io.github.context4j;

import org.jspecify.annotations.Nullable;

/**
 * The scopes that are open on a thread, innermost first. Closing one closes those inside it that were forgotten, and
 * restores what was current before it; a scope that no longer matches what is current restores nothing.
 */
final class ThreadScope implements Context.Scope {
    private static final ThreadLocal<@Nullable ThreadScope> INNERMOST = new ThreadLocal<>();

    private final Thread thread = Thread.currentThread();
    private final Context context;
    private final @Nullable Context previous;
    private final @Nullable ThreadScope outer;
    private volatile boolean closed;

    private ThreadScope(Context context, @Nullable Context previous, @Nullable ThreadScope outer) {
        this.context = context;
        this.previous = previous;
        this.outer = outer;
    }

    static ThreadScope open(Context context) {
        ThreadScope scope = new ThreadScope(context, CurrentContext.exchange(context), INNERMOST.get());
        INNERMOST.set(scope);
        return scope;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (Thread.currentThread() != thread) {
            report("on thread " + Thread.currentThread().getName() + ", but was opened on " + thread.getName());
            return;
        }
        Context current = Context.current();
        boolean matches = current == context;
        for (ThreadScope inner = INNERMOST.get(); inner != null && inner != this; inner = inner.outer) {
            inner.closed = true;
            matches |= current == inner.context;
            report("before a scope that was opened inside it");
        }
        closed = true;
        INNERMOST.set(outer);
        if (matches) {
            CurrentContext.exchange(previous);
        } else {
            report("while another context was current");
        }
    }

    private void report(String how) {
        Log.warn("A scope of " + context + " was closed " + how, new Throwable("here"));
    }
}
