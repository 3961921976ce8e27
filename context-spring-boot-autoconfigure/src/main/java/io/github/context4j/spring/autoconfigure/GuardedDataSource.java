package io.github.context4j.spring.autoconfigure;

import javax.sql.DataSource;

/** A guarded DataSource that is no AOP proxy. */
interface GuardedDataSource extends DataSource {

    /** What it guards. */
    DataSource target();
}
