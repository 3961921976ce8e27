/** Spring's retries under a context. */
@NullMarked
package io.github.context4j.spring.retry;

import org.jspecify.annotations.NullMarked;
