/** What Micrometer's observations of requests and HTTP calls, and so their metrics and spans, say of contexts. */
@NullMarked
package io.github.context4j.spring.observation;

import org.jspecify.annotations.NullMarked;
