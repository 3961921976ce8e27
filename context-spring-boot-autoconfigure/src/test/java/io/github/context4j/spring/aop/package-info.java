@NullMarked
package io.github.context4j.spring.aop;

import org.jspecify.annotations.NullMarked;
