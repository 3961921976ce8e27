package io.github.context4j.spring.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Replaces {@code context.request.cancel-on-disconnect} for a handler method, or for all of a controller's. A method's own
 * annotation wins over its class's.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface CancelOnDisconnect {
    /** Whether the context ends when the client leaves; false for work that must be finished once it has begun. */
    boolean value() default true;
}
