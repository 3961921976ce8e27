package io.github.context4j.spring.web;

import java.lang.reflect.AnnotatedElement;

/** A {@link ContextTimeout} has a value that cannot be meant. */
public final class InvalidContextTimeoutException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidContextTimeoutException(AnnotatedElement where, String value) {
        super("@ContextTimeout(\"" + value + "\") on " + where
                + " (expected: a duration > 0 such as 500ms, 30s or 5m, or \"" + ContextTimeout.NONE + "\")");
    }
}
