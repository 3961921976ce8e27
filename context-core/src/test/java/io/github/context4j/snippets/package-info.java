/** What the documentation shows, compiled and run, by the public API only. */
@NullMarked
package io.github.context4j.snippets;

import org.jspecify.annotations.NullMarked;
