package io.github.context4j.spring.propagation;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.task.TaskDecorator;

/**
 * Gives tasks what is current where they are submitted: the values of the context and the request's id. The task is not
 * canceled with the request, which does not wait for it, unless that is asked for; it is when the server's grace period is
 * over. A task that is submitted where no context is current gets none.
 */
public final class ContextTaskDecorator implements TaskDecorator, Ordered {
    private final Supplier<Context> root;
    private final boolean cancellation;
    private final @Nullable MdcEntry requestId;

    /**
     * @param root what cancels all tasks
     * @param cancellation whether tasks end with the context that was current where they were submitted
     * @param requestId carried along, too, if there is one
     */
    public ContextTaskDecorator(Supplier<Context> root, boolean cancellation, @Nullable MdcEntry requestId) {
        this.root = requireNonNull(root, "root");
        this.cancellation = cancellation;
        this.requestId = requestId;
    }

    /** The first decorator is the innermost: what another one makes current on the way does not replace this one's. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public Runnable decorate(Runnable task) {
        Context current = CurrentContext.get();
        Runnable underContext = current == null ? task : underContext(current, task);
        return requestId == null ? underContext : requestId.carriedBy(underContext);
    }

    private Runnable underContext(Context current, Runnable task) {
        // Not wrap(): whether a trace goes along is for Boot's own setting to say.
        return cancellation ? () -> current.run(task::run) : new DetachedTask(current.withoutCancel(), root, task);
    }
}
