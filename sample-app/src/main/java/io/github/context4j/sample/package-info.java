/** A small reporting service: close the browser tab, and the query dies. */
@NullMarked
package io.github.context4j.sample;

import org.jspecify.annotations.NullMarked;
