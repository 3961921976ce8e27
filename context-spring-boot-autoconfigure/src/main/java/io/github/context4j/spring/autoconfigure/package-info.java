/** Auto-configuration and the {@code context.*} properties; the only package that sees both. */
@NullMarked
package io.github.context4j.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
