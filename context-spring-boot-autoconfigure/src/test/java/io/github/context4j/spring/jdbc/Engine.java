package io.github.context4j.spring.jdbc;

import com.zaxxer.hikari.HikariConfig;
import io.github.context4j.spring.testing.TestPostgres;
import java.sql.SQLException;

/** The engines: one that refuses to go on after a canceled statement, and one that does not mind. */
enum Engine {
    POSTGRES("select pg_sleep(30)") {
        @Override
        HikariConfig config() {
            return TestPostgres.poolConfig(NAME, 4);
        }
    },
    H2("select max(mod(x, 7)) from system_range(1, 100000000000)") {
        @Override
        HikariConfig config() {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl("jdbc:h2:mem:transactions");
            config.setMaximumPoolSize(4);
            return config;
        }
    };

    /** The name of the sessions. */
    static final String NAME = "transactions";

    /** A query that does not end by itself. */
    final String endless;

    Engine(String endless) {
        this.endless = endless;
    }

    abstract HikariConfig config();

    /** A pool on this engine, with an empty table. */
    GuardedPool open() throws SQLException {
        GuardedPool db = new GuardedPool(config(), null, GuardedPool.ABORT_AFTER);
        db.prepare("drop table if exists t", "create table t (n int)");
        return db;
    }
}
