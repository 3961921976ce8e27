package io.github.context4j.spring.aop;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;

/**
 * Makes each call of a bean's method one call to a dependency, as {@code dependencies.named(...).call(...)} does: under its
 * time-out or the caller's deadline, whichever is earlier. On a class or an interface it is for all its public methods; on
 * a method it replaces that of the class. It is inherited, from superclasses and interfaces too.
 *
 * <p>The method is called through a proxy of Spring's. So a bean that calls its own method makes no call to the dependency,
 * nor is there one where a proxy does not get: private, static and final methods.
 *
 * <p>If the method returns a {@link java.util.concurrent.CompletionStage} or a {@link java.util.concurrent.Future}, the call
 * goes on until that is complete. When the context ends before, it is canceled; where the declared type allows it, what the
 * caller has then fails with the {@link io.github.context4j.ContextException}. Of a plain {@code Future} it is not told when
 * that is complete: its call ends when the result is asked for. Reactive types are refused. Rows and streams have to be read
 * before the method returns.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Dependency {
    /** The name under {@code context.dependencies}; an unknown one fails when the bean is made. */
    String value();
}
