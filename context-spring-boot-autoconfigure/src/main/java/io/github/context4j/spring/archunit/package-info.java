/** Rules for the tests of applications. */
@NullMarked
package io.github.context4j.spring.archunit;

import org.jspecify.annotations.NullMarked;
