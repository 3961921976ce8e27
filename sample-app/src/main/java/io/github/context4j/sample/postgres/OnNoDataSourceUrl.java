package io.github.context4j.sample.postgres;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;

/** Matches unless {@code spring.datasource.url} names a database. */
final class OnNoDataSourceUrl extends NoneNestedConditions {
    static final String KEY = "spring.datasource.url";

    OnNoDataSourceUrl() {
        super(ConfigurationPhase.PARSE_CONFIGURATION);
    }

    @ConditionalOnProperty(KEY)
    static final class DataSourceUrl {}
}
