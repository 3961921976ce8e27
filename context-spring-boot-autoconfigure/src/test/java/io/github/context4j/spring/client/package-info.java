@NullMarked
package io.github.context4j.spring.client;

import org.jspecify.annotations.NullMarked;
