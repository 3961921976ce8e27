package io.github.context4j.spring.propagation;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.util.function.Supplier;

/**
 * A task under a context of its own, which ends with the task or with the root.
 *
 * @param values what the context descends from; never ends
 * @param root asked when the task begins: not before, since a task that is rejected or dropped would stay registered there
 */
record DetachedTask(Context values, Supplier<Context> root, Runnable task) implements Runnable {
    @Override
    public void run() {
        Context ending = root.get();
        try (CancelableContext context = values.withCancel();
                Context.Registration registration = ending.onDone(() -> cancel(context, ending), Runnable::run)) {
            context.run(task::run);
        }
    }

    private static void cancel(CancelableContext context, Context ended) {
        Throwable cause = ended.cause();
        if (cause != null) {
            context.cancel(cause);
        }
    }
}
