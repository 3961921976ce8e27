@NullMarked
package io.github.context4j.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
