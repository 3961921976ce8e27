package io.github.context4j.spring.observation;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.EndedRequest;
import io.github.context4j.spring.Outcome;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.observation.ClientRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/**
 * Gives {@code http.server.requests} and {@code http.client.requests} the key {@code context.outcome}: all of them, as
 * registries want the keys of a meter to be the same. An HTTP status does not tell who gave up.
 */
public final class OutcomeObservationFilter implements ObservationFilter {
    private static final String KEY = "context.outcome";
    private static final String CLIENT = "http.client.requests";

    @Override
    public Observation.Context map(Observation.Context context) {
        if (context instanceof ServerRequestObservationContext request) {
            Object ended =
                    request.getCarrier() == null ? null : request.getCarrier().getAttribute(EndedRequest.ATTRIBUTE);
            context.addLowCardinalityKeyValue(
                    of(ended instanceof EndedRequest known ? known.outcome() : Outcome.COMPLETED));
        } else if (context instanceof ClientRequestObservationContext
                || CLIENT.equals(context.getName())) { // WebClient and others have types of their own for it
            context.addLowCardinalityKeyValue(of(outcome(context.getError())));
        }
        return context;
    }

    private static KeyValue of(Outcome outcome) {
        return KeyValue.of(KEY, outcome.tag());
    }

    private static Outcome outcome(@Nullable Throwable error) {
        ContextException ended = error == null ? null : ContextException.in(error);
        return ended == null ? Outcome.COMPLETED : Outcome.of(state(ended));
    }

    private static Context.State state(ContextException ended) {
        return ended instanceof DeadlineExceededException ? Context.State.DEADLINE_EXCEEDED : Context.State.CANCELED;
    }
}
