package io.github.context4j.spring;

/** Whether contexts act. */
public enum Mode {
    /** Contexts end, and what runs under them is canceled. */
    ENFORCE,
    /** Nothing is canceled; what would have been is counted. */
    OBSERVE
}
