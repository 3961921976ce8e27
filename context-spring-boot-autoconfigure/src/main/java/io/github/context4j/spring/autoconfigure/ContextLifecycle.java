package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Deadline;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.ShutdownException;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * Tells {@link ShutdownContexts} where the application is. It begins to close: ahead of workers, which may wait for nothing else,
 * and of listeners that only let time pass until load balancers have noticed. Its last phase ends: what goes on that nobody
 * has waited for, in a WAR or on virtual threads, is canceled while pools are still there, and has a moment to end. Its first
 * phase begins again.
 *
 * <p>It is no dependent of the contexts, or it would be stopped ahead of them.
 */
final class ContextLifecycle implements ApplicationListener<ContextClosedEvent>, SmartLifecycle, Ordered {
    /** How long what has been canceled may take to end. */
    private static final Duration TO_END = Duration.ofSeconds(2);

    private static final long POLL_MILLIS = 10;

    private static final String AWAIT_TERMINATION = "spring.task.execution.shutdown.await-termination";

    private final ObjectProvider<ShutdownContexts> contexts;
    private final ConfigurableApplicationContext application;
    private final LiveContexts requests;
    private final DependencyCalls calls;
    private volatile boolean running;

    ContextLifecycle(
            ObjectProvider<ShutdownContexts> contexts,
            ConfigurableApplicationContext application,
            LiveContexts requests,
            DependencyCalls calls) {
        this.contexts = contexts;
        this.application = application;
        this.requests = requests;
        this.calls = calls;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext() == application) { // not a child, such as that of the management server
            contexts.getObject().endServing();
        }
    }

    @Override
    public void start() {
        contexts.getObject().renew();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (isAnybodyWaiting()) {
            requests.all().forEach(request -> request.cancel(ShutdownException.stopped()));
        } else {
            contexts.getObject().endGrace();
        }
        Deadline patience = Deadline.after(TO_END);
        try {
            while (isAnythingCanceled() && !patience.isExpired()) {
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether executors have tasks that they wait for when they are destroyed: those keep the rest of the grace period. */
    private boolean isAnybodyWaiting() {
        Environment environment = application.getEnvironment();
        ConfigurableListableBeanFactory beans = application.getBeanFactory();
        return environment.getProperty(AWAIT_TERMINATION, Boolean.class, false)
                || environment.containsProperty(AWAIT_TERMINATION + "-period")
                || Stream.of(beans.getBeanNamesForType(ThreadPoolTaskExecutor.class, true, false))
                        .anyMatch(name -> beans.getSingleton(name) instanceof ThreadPoolTaskExecutor executor
                                && executor.getActiveCount() > 0);
    }

    private boolean isAnythingCanceled() {
        return requests.all().stream().anyMatch(request -> request.context().isDone())
                || calls.inFlight().stream().anyMatch(call -> call.context().isDone());
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
