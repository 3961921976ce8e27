package io.github.context4j.sample;

import java.math.BigDecimal;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What was sold, by region. */
@Component
final class SalesReport {
    private final JdbcClient jdbc;

    SalesReport(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The sums by region, after {@code seconds} of work for the database: here it sleeps, so that two cores can show 200. */
    List<Region> byRegion(int seconds) {
        return jdbc.sql("""
                        with work as materialized (select pg_sleep(:seconds))
                        select region, count(*) as sales, sum(amount) as revenue
                        from sale cross join work
                        group by region
                        order by region
                        """).param("seconds", seconds).query(Region.class).list();
    }

    /** The five largest sales, after as much work. */
    List<Sale> largest(int seconds) {
        return jdbc.sql("""
                        with work as materialized (select pg_sleep(:seconds))
                        select id, region, amount
                        from sale cross join work
                        order by amount desc, id
                        limit 5
                        """).param("seconds", seconds).query(Sale.class).list();
    }

    record Sale(long id, String region, BigDecimal amount) {}

    record Region(String region, long sales, BigDecimal revenue) {}
}
