package io.github.context4j.sample.postgres;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;

/** Matches unless {@code spring.datasource.url} names a database. */
final class OnNoDataSourceUrl extends NoneNestedConditions {
    OnNoDataSourceUrl() {
        super(ConfigurationPhase.PARSE_CONFIGURATION);
    }

    @ConditionalOnProperty("spring.datasource.url")
    static final class DataSourceUrl {}
}
