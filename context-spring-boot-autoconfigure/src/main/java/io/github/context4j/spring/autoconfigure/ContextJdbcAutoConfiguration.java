package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCalls;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** Makes every {@link DataSource} bean obey the current context, but not what runs after transactions. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(DataSource.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextJdbcAutoConfiguration {

    @Bean
    static DataSourceDependencies context4jDataSourceDependencies(
            ObjectProvider<ContextProperties> context4jProperties,
            ObjectProvider<Dependencies> context4jDependencies,
            ConfigurableListableBeanFactory beanFactory) {
        return new DataSourceDependencies(
                context4jProperties.getObject(), context4jDependencies.getObject(), beanFactory);
    }

    @Bean
    static DataSourceGuardPostProcessor context4jDataSourceGuardPostProcessor(
            ObjectProvider<ContextProperties> context4jProperties,
            ObjectProvider<DependencyCalls> context4jDependencyCalls,
            ObjectProvider<DataSourceDependencies> context4jDataSourceDependencies,
            ConfigurableListableBeanFactory beanFactory) {
        return new DataSourceGuardPostProcessor(
                context4jProperties, context4jDependencyCalls, context4jDataSourceDependencies, beanFactory);
    }

    @Bean
    @ConditionalOnClass(
            name = {
                "com.zaxxer.hikari.HikariDataSource",
                "org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider"
            })
    static PoolMetadataPostProcessor context4jPoolMetadataPostProcessor(ConfigurableListableBeanFactory beanFactory) {
        return new PoolMetadataPostProcessor(beanFactory);
    }

    @Bean
    @ConditionalOnClass(name = "org.springframework.transaction.ConfigurableTransactionManager")
    static TransactionManagerPostProcessor context4jTransactionManagerPostProcessor() {
        return new TransactionManagerPostProcessor();
    }
}
