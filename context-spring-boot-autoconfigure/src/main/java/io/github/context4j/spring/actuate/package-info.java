/** The {@code contexts} actuator endpoint. */
@NullMarked
package io.github.context4j.spring.actuate;

import org.jspecify.annotations.NullMarked;
