package io.github.context4j.spring.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Replaces {@code context.request.timeout} for a handler method, or for all of a controller's: longer, shorter, or none. It
 * counts from the arrival of the request. A method's own annotation wins over its class's.
 *
 * <p>The time-out bounds the handler and the asynchronous value that it returns, not the streaming of a body that has begun.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface ContextTimeout {
    /** The value for no time-out. */
    String NONE = "none";

    /**
     * A duration such as {@code 500ms}, {@code 30s} or {@code 5m}, greater than zero, or {@link #NONE}; may be a
     * {@code ${placeholder}}. Anything else stops the application at start-up.
     */
    String value();
}
