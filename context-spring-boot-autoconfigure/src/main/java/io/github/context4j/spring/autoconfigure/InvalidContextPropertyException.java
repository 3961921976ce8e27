package io.github.context4j.spring.autoconfigure;

/** A {@code context.*} property has a value that cannot be meant. */
final class InvalidContextPropertyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String action;

    /**
     * @param key the whole property key
     * @param value what it is set to
     * @param expected what is allowed, to follow "expected:"
     * @param action what to write instead, a sentence
     */
    InvalidContextPropertyException(String key, Object value, String expected, String action) {
        super(key + ": " + value + " (expected: " + expected + ")");
        this.action = action;
    }

    String action() {
        return action;
    }
}
