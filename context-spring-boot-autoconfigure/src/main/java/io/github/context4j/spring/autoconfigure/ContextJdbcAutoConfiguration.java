package io.github.context4j.spring.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCalls;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes every {@link DataSource} bean obey the current context. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(DataSource.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextJdbcAutoConfiguration {

    @Bean
    static DataSourceDependencies context4jDataSourceDependencies(
            ObjectProvider<ContextProperties> properties,
            ObjectProvider<Dependencies> named,
            ConfigurableListableBeanFactory beanFactory) {
        return new DataSourceDependencies(properties.getObject(), named.getObject(), beanFactory);
    }

    @Bean
    static DataSourceGuardPostProcessor context4jDataSourceGuardPostProcessor(
            ObjectProvider<ContextProperties> properties,
            ObjectProvider<DependencyCalls> calls,
            ObjectProvider<DataSourceDependencies> dependencies,
            ConfigurableListableBeanFactory beanFactory) {
        return new DataSourceGuardPostProcessor(properties, calls, dependencies, beanFactory);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HikariDataSource.class, DataSourcePoolMetadataProvider.class})
    static final class HikariConfiguration {

        @Bean
        static PoolMetadataPostProcessor context4jPoolMetadataPostProcessor(
                ConfigurableListableBeanFactory beanFactory) {
            return new PoolMetadataPostProcessor(beanFactory);
        }
    }
}
