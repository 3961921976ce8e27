package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans that the JDBC part takes from the base one, without the rest of that. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ContextProperties.class)
class JdbcTestConfiguration {
    @Bean
    DependencyCalls dependencyCalls() {
        return new DependencyCalls(Mode.ENFORCE, new ContextObserver() {});
    }
}
