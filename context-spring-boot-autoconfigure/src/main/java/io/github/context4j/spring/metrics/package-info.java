/** What became of contexts, in Micrometer. */
@NullMarked
package io.github.context4j.spring.metrics;

import org.jspecify.annotations.NullMarked;
