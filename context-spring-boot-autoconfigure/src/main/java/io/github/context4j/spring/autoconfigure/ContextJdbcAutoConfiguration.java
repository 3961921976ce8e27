package io.github.context4j.spring.autoconfigure;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCalls;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.HikariDataSourcePoolMetadata;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Makes every {@link DataSource} bean obey the current context. */
@AutoConfiguration(
        after = ContextAutoConfiguration.class,
        beforeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
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

    /**
     * Boot's metadata of a Hikari pool reads a field, which is null in a proxy. Boot's metrics take the first provider in
     * the order of definition, hence the place of this auto-configuration ahead of Boot's.
     */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HikariDataSource.class, HikariDataSourcePoolMetadata.class})
    static final class HikariConfiguration {

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        DataSourcePoolMetadataProvider context4jHikariPoolMetadataProvider() {
            return dataSource -> {
                HikariDataSource pool =
                        DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
                return pool != null && GuardedConnections.behind(pool) instanceof HikariDataSource target
                        ? new HikariDataSourcePoolMetadata(target)
                        : null;
            };
        }
    }
}
