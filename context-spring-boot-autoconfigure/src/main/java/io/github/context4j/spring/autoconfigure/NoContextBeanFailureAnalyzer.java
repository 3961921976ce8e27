package io.github.context4j.spring.autoconfigure;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;

/** Says what to write instead of injecting a {@link Context}. */
final class NoContextBeanFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException>
        implements Ordered {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, NoSuchBeanDefinitionException cause) {
        Class<?> type = cause.getBeanType();
        if (type != Context.class && type != CancelableContext.class) {
            return null;
        }
        return new FailureAnalysis(
                "A bean asks for a " + type.getName()
                        + " to be injected. There is no such bean: a context belongs to one"
                        + " request, and beans live longer. " + root.getMessage(),
                "Take the context as a parameter of the handler method, handler(Context ctx, ...), and pass it on; or ask"
                        + " Context.current() where it is needed. For the context of the server's life, inject"
                        + " io.github.context4j.spring.shutdown.ShutdownContexts.",
                root);
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
