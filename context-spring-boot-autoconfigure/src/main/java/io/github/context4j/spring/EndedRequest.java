package io.github.context4j.spring;

import org.jspecify.annotations.Nullable;

/** What has become of a request: its attribute named {@link #ATTRIBUTE}. */
public interface EndedRequest {
    String ATTRIBUTE = EndedRequest.class.getName();

    /** How the request ended, as in {@code context.requests}; null if it has not. */
    @Nullable
    Outcome outcome();
}
