@NullMarked
package io.github.context4j.sample;

import org.jspecify.annotations.NullMarked;
