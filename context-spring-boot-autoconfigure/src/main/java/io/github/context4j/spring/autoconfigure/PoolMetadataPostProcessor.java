package io.github.context4j.spring.autoconfigure;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;

/**
 * Shows HikariCP's pools to the providers of metadata as they are without the guard: Boot's reads a field, which is null in a
 * proxy. A provider more, which knows the proxy, would be one too many where an application injects the only one there is.
 */
final class PoolMetadataPostProcessor implements BeanPostProcessor {
    private final ConfigurableListableBeanFactory beanFactory;

    PoolMetadataPostProcessor(ConfigurableListableBeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!(bean instanceof DataSourcePoolMetadataProvider provider) || !isReplaceable(beanName)) {
            return bean;
        }
        return (DataSourcePoolMetadataProvider)
                dataSource -> provider.getDataSourcePoolMetadata(behindGuard(dataSource));
    }

    /** One of a class of the application's has to keep it. */
    private boolean isReplaceable(String beanName) {
        return beanFactory.containsBeanDefinition(beanName)
                && beanFactory
                                .getMergedBeanDefinition(beanName)
                                .getResolvableType()
                                .toClass()
                        == DataSourcePoolMetadataProvider.class;
    }

    private static DataSource behindGuard(DataSource dataSource) {
        HikariDataSource pool =
                DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
        DataSource target = pool == null ? null : GuardedConnections.behind(pool);
        return target == null ? dataSource : target;
    }
}
