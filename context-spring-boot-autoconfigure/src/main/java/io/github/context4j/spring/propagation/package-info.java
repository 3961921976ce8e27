/** What a request has on its threads, on the threads that work for it: the current context and the request's id. */
@NullMarked
package io.github.context4j.spring.propagation;

import org.jspecify.annotations.NullMarked;
