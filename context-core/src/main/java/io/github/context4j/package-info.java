/**
 * Go's {@code context} for Java: a tree of cancellation signals, deadlines and request-scoped values.
 *
 * <p>Start at {@link io.github.context4j.Context}.
 */
@NullMarked
package io.github.context4j;

import org.jspecify.annotations.NullMarked;
