package io.github.context4j.spring.aop;

/** A {@link Dependency} cannot be meant. */
public final class InvalidDependencyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String action;

    InvalidDependencyException(String message, String action) {
        super(message);
        this.action = action;
    }

    /** What to write instead, a sentence. */
    public String action() {
        return action;
    }
}
