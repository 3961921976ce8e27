package io.github.context4j.spring.chain;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.testing.TestPostgres;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The service that has the database. */
@Configuration(proxyBeanMethods = false)
@Import(ChainService.class)
class LastService {
    @Bean
    HikariDataSource dataSource(@Value("${chain.database}") String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(TestPostgres.user());
        pool.setPassword(TestPostgres.password());
        pool.setMaximumPoolSize(4);
        return pool;
    }
}
