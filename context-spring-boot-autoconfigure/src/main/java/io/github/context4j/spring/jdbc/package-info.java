/**
 * Makes the queries of any {@link javax.sql.DataSource} obey the current context: canceled in the database when it ends, by
 * the driver's own means, without harm to anybody else's. Imports no Spring.
 */
@NullMarked
package io.github.context4j.spring.jdbc;

import org.jspecify.annotations.NullMarked;
