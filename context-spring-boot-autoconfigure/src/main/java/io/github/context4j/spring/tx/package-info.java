/** Transactions under a context that has ended. */
@NullMarked
package io.github.context4j.spring.tx;

import org.jspecify.annotations.NullMarked;
