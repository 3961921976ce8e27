package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.shutdown.ShutdownContexts;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Ends {@link ShutdownContexts#serving()} when the application begins to close: before it stops workers, which may wait for
 * nothing else, and before listeners that only let time pass until load balancers have noticed.
 */
final class ServingEnd implements ApplicationListener<ContextClosedEvent>, Ordered {
    private final ShutdownContexts contexts;
    private final ApplicationContext application;

    ServingEnd(ShutdownContexts contexts, ApplicationContext application) {
        this.contexts = contexts;
        this.application = application;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == application) { // not a child, such as that of the management server
            contexts.endServing();
        }
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
