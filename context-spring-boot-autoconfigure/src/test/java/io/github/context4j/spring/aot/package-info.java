/** Applications that are prepared ahead of time. */
@NullMarked
package io.github.context4j.spring.aot;

import org.jspecify.annotations.NullMarked;
