@NullMarked
package io.github.context4j.spring.restart;

import org.jspecify.annotations.NullMarked;
