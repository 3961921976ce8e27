package io.github.context4j.spring.observation;

import static java.util.Objects.requireNonNull;

import io.github.context4j.ContextException;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.LiveContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/** Has the observation of a request, and so its span, say when its context ended and why, while the request still goes on. */
public final class RequestEvents implements ContextObserver {
    private final ObservationRegistry registry;

    public RequestEvents(ObservationRegistry registry) {
        this.registry = requireNonNull(registry, "registry");
    }

    @Override
    public void requestBegan(LiveContext request) {
        Observation current = registry.getCurrentObservation();
        if (current != null && !current.isNoop()) {
            request.attach(current);
        }
    }

    @Override
    public void requestDone(LiveContext request) {
        ContextException ended = request.context().exception();
        if (ended != null && request.attachment() instanceof Observation observation) {
            String name =
                    "context." + ContextEndedReason.tagOf(request.context().cause());
            observation.event(Observation.Event.of(name, String.valueOf(ended.getMessage())));
        }
    }
}
