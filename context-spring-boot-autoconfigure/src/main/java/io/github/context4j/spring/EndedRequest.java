package io.github.context4j.spring;

/** What has become of a request: its attribute named {@link #ATTRIBUTE}. */
public interface EndedRequest {
    String ATTRIBUTE = EndedRequest.class.getName();

    /** How the request ended, as in {@code context.requests}; while it goes on, how it would if it ended now. */
    Outcome outcome();
}
