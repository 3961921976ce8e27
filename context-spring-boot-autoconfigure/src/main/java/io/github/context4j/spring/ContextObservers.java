package io.github.context4j.spring;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells all observers, one's failure notwithstanding. */
public final class ContextObservers implements ContextObserver {
    private static final System.Logger logger = System.getLogger(ContextObserver.class.getName());

    private final Supplier<List<ContextObserver>> observers;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private volatile @Nullable List<ContextObserver> resolved;

    /** @param observers asked once, when there is something to tell: observers may depend on what reports to them */
    public ContextObservers(Supplier<List<ContextObserver>> observers) {
        this.observers = observers;
    }

    @Override
    public void requestBegan(LiveContext request) {
        tell(o -> o.requestBegan(request));
    }

    @Override
    public void requestDone(LiveContext request) {
        tell(o -> o.requestDone(request));
    }

    @Override
    public void callDone(DependencyCall call) {
        tell(o -> o.callDone(call));
    }

    @Override
    public void requestEnded(Outcome outcome, @Nullable Throwable cause, Duration duration) {
        tell(o -> o.requestEnded(outcome, cause, duration));
    }

    @Override
    public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
        tell(o -> o.callEnded(call, outcome, duration));
    }

    @Override
    public void cancellationTook(@Nullable Dependency dependency, Duration latency) {
        tell(o -> o.cancellationTook(dependency, latency));
    }

    @Override
    public void clientDisconnected(ClientDisconnectedException.Kind kind) {
        tell(o -> o.clientDisconnected(kind));
    }

    @Override
    public void deadlineHeaderIgnored(DeadlineHeader header) {
        tell(o -> o.deadlineHeaderIgnored(header));
    }

    @Override
    public void queryCanceled(Dependency dependency, CancelResult result) {
        tell(o -> o.queryCanceled(dependency, result));
    }

    /** Nobody, while the observers cannot be made: whoever has something to tell must not fail because of that. */
    private List<ContextObserver> all() {
        List<ContextObserver> known = resolved;
        if (known == null) {
            try {
                known = List.copyOf(observers.get());
                resolved = known;
            } catch (RuntimeException | LinkageError e) {
                warnOnce("The ContextObserver beans are not to be had", e);
                return List.of();
            }
        }
        return known;
    }

    private void tell(Consumer<ContextObserver> event) {
        for (ContextObserver observer : all()) {
            try {
                event.accept(observer);
            } catch (RuntimeException | LinkageError e) {
                warnOnce("A ContextObserver failed: " + observer.getClass().getName(), e);
            }
        }
    }

    /** There are several events for each request: a warning for each failure would be a flood. */
    private void warnOnce(String message, Throwable failure) {
        logger.log(warned.add(message) ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG, message, failure);
    }
}
