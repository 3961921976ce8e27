/** The PostgreSQL that the sample brings along, for machines that have none. */
@NullMarked
package io.github.context4j.sample.postgres;

import org.jspecify.annotations.NullMarked;
