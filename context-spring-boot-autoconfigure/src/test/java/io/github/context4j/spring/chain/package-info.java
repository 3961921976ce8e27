@NullMarked
package io.github.context4j.spring.chain;

import org.jspecify.annotations.NullMarked;
