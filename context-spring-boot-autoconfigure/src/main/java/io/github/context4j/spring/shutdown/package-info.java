/** The contexts that end when the server stops. */
@NullMarked
package io.github.context4j.spring.shutdown;

import org.jspecify.annotations.NullMarked;
