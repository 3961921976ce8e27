/** Methods of beans that are calls to a dependency as a whole. */
@NullMarked
package io.github.context4j.spring.aop;

import org.jspecify.annotations.NullMarked;
