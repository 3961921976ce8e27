@NullMarked
package io.github.context4j.sample.postgres;

import org.jspecify.annotations.NullMarked;
