/**
 * What the Spring integrations share: why contexts end, the dependencies and the calls made to them, and who is told.
 */
@NullMarked
package io.github.context4j.spring;

import org.jspecify.annotations.NullMarked;
