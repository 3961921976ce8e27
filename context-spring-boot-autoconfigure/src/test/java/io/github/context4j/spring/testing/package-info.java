/** What the tests of several packages share. */
@NullMarked
package io.github.context4j.spring.testing;

import org.jspecify.annotations.NullMarked;
