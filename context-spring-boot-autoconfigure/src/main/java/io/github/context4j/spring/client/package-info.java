/**
 * Makes the HTTP calls of {@code RestClient}, {@code RestTemplate} and HTTP service clients obey the current context: aborted
 * when it ends, in every phase and by each client's own means.
 */
@NullMarked
package io.github.context4j.spring.client;

import org.jspecify.annotations.NullMarked;
