package io.github.context4j.spring.client;

/** By which means exchanges are aborted. */
enum Means {
    /** By what a hook in the client says when it sends the request; the thread is not interrupted. */
    HOOK,
    /** By an interrupt until the head of the response is there, then by closing the body from another thread. */
    INTERRUPT_THEN_CLOSE,
    /** By an interrupt of the thread that is inside the client: for those of which no more is known. */
    INTERRUPT
}
