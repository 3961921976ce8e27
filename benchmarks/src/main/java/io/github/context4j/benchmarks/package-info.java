/** What the library costs. */
@NullMarked
package io.github.context4j.benchmarks;

import org.jspecify.annotations.NullMarked;
