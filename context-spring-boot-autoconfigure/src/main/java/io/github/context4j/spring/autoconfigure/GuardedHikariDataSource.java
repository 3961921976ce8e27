package io.github.context4j.spring.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.util.Credentials;
import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.ShardingKeyBuilder;
import java.util.Properties;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.NullUnmarked;
import org.springframework.aop.TargetClassAware;

/**
 * Guards a pool of HikariCP's and forwards everything else to it: a proxy that is written by hand. Nearly every application
 * has such a pool, and to have the class of a proxy made was a quarter of what the library added to a start. Its own
 * configuration, which it inherits, is not used. It is not final, so that aspects can be proxied around it, and public, so that
 * its methods can be called by reflection.
 */
@NullUnmarked // as HikariCP is
public class GuardedHikariDataSource extends HikariDataSource implements GuardedDataSource, TargetClassAware {
    private static final Log logger = LogFactory.getLog(GuardedHikariDataSource.class);
    private static final boolean FORWARDS_ALL = forwardsAll();

    private final HikariDataSource target;
    private final DataSourceGuard guard;

    GuardedHikariDataSource(HikariDataSource target, DataSourceGuard guard) {
        this.target = target;
        this.guard = guard;
    }

    /** Whether it can stand for what is exactly of {@code type}: another version of HikariCP may have more methods. */
    static boolean standsFor(Class<?> type) {
        return type == HikariDataSource.class && FORWARDS_ALL;
    }

    private static boolean forwardsAll() {
        for (Method method : GuardedHikariDataSource.class.getMethods()) {
            Class<?> owner = method.getDeclaringClass();
            if (owner != GuardedHikariDataSource.class
                    && owner != Object.class
                    && !Modifier.isStatic(method.getModifiers())) {
                logger.debug("Not the HikariCP that this class is written for: it has " + method);
                return false;
            }
        }
        return true;
    }

    /**
     * The pool. While the constructor of HikariConfig runs, it is one that is thrown away: that constructor applies a
     * {@code hikaricp.configurationFile} by calling setters, which the pool's own has done.
     */
    @Override
    public HikariDataSource target() {
        return target == null ? new HikariDataSource() : target;
    }

    /** For what looks behind proxies by it: JMX names the bean after it, and Spring Cloud recognizes what not to rebind. */
    @Override
    public Class<?> getTargetClass() {
        return target.getClass();
    }

    @Override
    public Connection getConnection() throws SQLException {
        return guard.getConnection(target::getConnection);
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return guard.getConnection(() -> target.getConnection(username, password));
    }

    @Override
    public HikariConfigMXBean getHikariConfigMXBean() {
        HikariConfigMXBean config = target.getHikariConfigMXBean();
        return config == target ? this : config;
    }

    @Override
    public ConnectionBuilder createConnectionBuilder() throws SQLException {
        return target.createConnectionBuilder();
    }

    @Override
    public ShardingKeyBuilder createShardingKeyBuilder() throws SQLException {
        return target.createShardingKeyBuilder();
    }

    @Override
    public void setMetricsTrackerFactory(MetricsTrackerFactory metricsTrackerFactory) {
        target().setMetricsTrackerFactory(metricsTrackerFactory);
    }

    @Override
    public void setMetricRegistry(Object metricRegistry) {
        target().setMetricRegistry(metricRegistry);
    }

    @Override
    public void setHealthCheckRegistry(Object healthCheckRegistry) {
        target().setHealthCheckRegistry(healthCheckRegistry);
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return target().getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        target().setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        target().setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return target().getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        return target().getParentLogger();
    }

    @Override
    public <T> T unwrap(Class<T> iface) throws SQLException {
        return target().unwrap(iface);
    }

    @Override
    public boolean isWrapperFor(Class<?> iface) throws SQLException {
        return target().isWrapperFor(iface);
    }

    @Override
    public boolean isRunning() {
        return target().isRunning();
    }

    @Override
    public HikariPoolMXBean getHikariPoolMXBean() {
        return target().getHikariPoolMXBean();
    }

    /** The pool ignores what is not its own. */
    @Override
    public void evictConnection(Connection connection) {
        target().evictConnection(DataSourceGuard.unguarded(connection));
    }

    @Override
    public void close() {
        target().close();
    }

    @Override
    public boolean isClosed() {
        return target().isClosed();
    }

    @Override
    public String toString() {
        return target().toString();
    }

    @Override
    public String getCatalog() {
        return target().getCatalog();
    }

    @Override
    public void setCatalog(String catalog) {
        target().setCatalog(catalog);
    }

    @Override
    public long getConnectionTimeout() {
        return target().getConnectionTimeout();
    }

    @Override
    public void setConnectionTimeout(long connectionTimeoutMs) {
        target().setConnectionTimeout(connectionTimeoutMs);
    }

    @Override
    public long getIdleTimeout() {
        return target().getIdleTimeout();
    }

    @Override
    public void setIdleTimeout(long idleTimeoutMs) {
        target().setIdleTimeout(idleTimeoutMs);
    }

    @Override
    public long getLeakDetectionThreshold() {
        return target().getLeakDetectionThreshold();
    }

    @Override
    public void setLeakDetectionThreshold(long leakDetectionThresholdMs) {
        target().setLeakDetectionThreshold(leakDetectionThresholdMs);
    }

    @Override
    public long getMaxLifetime() {
        return target().getMaxLifetime();
    }

    @Override
    public void setMaxLifetime(long maxLifetimeMs) {
        target().setMaxLifetime(maxLifetimeMs);
    }

    @Override
    public int getMaximumPoolSize() {
        return target().getMaximumPoolSize();
    }

    @Override
    public void setMaximumPoolSize(int maxPoolSize) {
        target().setMaximumPoolSize(maxPoolSize);
    }

    @Override
    public int getMinimumIdle() {
        return target().getMinimumIdle();
    }

    @Override
    public void setMinimumIdle(int minIdle) {
        target().setMinimumIdle(minIdle);
    }

    @Override
    public String getPassword() {
        return target().getPassword();
    }

    @Override
    public void setPassword(String password) {
        target().setPassword(password);
    }

    @Override
    public String getUsername() {
        return target().getUsername();
    }

    @Override
    public void setUsername(String username) {
        target().setUsername(username);
    }

    @Override
    public void setCredentials(Credentials credentials) {
        target().setCredentials(credentials);
    }

    @Override
    public Credentials getCredentials() {
        return target().getCredentials();
    }

    @Override
    public long getValidationTimeout() {
        return target().getValidationTimeout();
    }

    @Override
    public void setValidationTimeout(long validationTimeoutMs) {
        target().setValidationTimeout(validationTimeoutMs);
    }

    @Override
    public String getConnectionTestQuery() {
        return target().getConnectionTestQuery();
    }

    @Override
    public void setConnectionTestQuery(String connectionTestQuery) {
        target().setConnectionTestQuery(connectionTestQuery);
    }

    @Override
    public String getConnectionInitSql() {
        return target().getConnectionInitSql();
    }

    @Override
    public void setConnectionInitSql(String connectionInitSql) {
        target().setConnectionInitSql(connectionInitSql);
    }

    @Override
    public DataSource getDataSource() {
        return target().getDataSource();
    }

    @Override
    public void setDataSource(DataSource dataSource) {
        target().setDataSource(dataSource);
    }

    @Override
    public String getDataSourceClassName() {
        return target().getDataSourceClassName();
    }

    @Override
    public void setDataSourceClassName(String className) {
        target().setDataSourceClassName(className);
    }

    @Override
    public void addDataSourceProperty(String propertyName, Object value) {
        target().addDataSourceProperty(propertyName, value);
    }

    @Override
    public String getDataSourceJNDI() {
        return target().getDataSourceJNDI();
    }

    @Override
    public void setDataSourceJNDI(String jndiDataSource) {
        target().setDataSourceJNDI(jndiDataSource);
    }

    @Override
    public Properties getDataSourceProperties() {
        return target().getDataSourceProperties();
    }

    @Override
    public void setDataSourceProperties(Properties dsProperties) {
        target().setDataSourceProperties(dsProperties);
    }

    @Override
    public String getDriverClassName() {
        return target().getDriverClassName();
    }

    @Override
    public void setDriverClassName(String driverClassName) {
        target().setDriverClassName(driverClassName);
    }

    @Override
    public String getJdbcUrl() {
        return target().getJdbcUrl();
    }

    @Override
    public void setJdbcUrl(String jdbcUrl) {
        target().setJdbcUrl(jdbcUrl);
    }

    @Override
    public boolean isAutoCommit() {
        return target().isAutoCommit();
    }

    @Override
    public void setAutoCommit(boolean isAutoCommit) {
        target().setAutoCommit(isAutoCommit);
    }

    @Override
    public boolean isAllowPoolSuspension() {
        return target().isAllowPoolSuspension();
    }

    @Override
    public void setAllowPoolSuspension(boolean isAllowPoolSuspension) {
        target().setAllowPoolSuspension(isAllowPoolSuspension);
    }

    @Override
    public long getInitializationFailTimeout() {
        return target().getInitializationFailTimeout();
    }

    @Override
    public void setInitializationFailTimeout(long initializationFailTimeout) {
        target().setInitializationFailTimeout(initializationFailTimeout);
    }

    @Override
    public boolean isIsolateInternalQueries() {
        return target().isIsolateInternalQueries();
    }

    @Override
    public void setIsolateInternalQueries(boolean isolate) {
        target().setIsolateInternalQueries(isolate);
    }

    @Override
    public MetricsTrackerFactory getMetricsTrackerFactory() {
        return target().getMetricsTrackerFactory();
    }

    @Override
    public Object getMetricRegistry() {
        return target().getMetricRegistry();
    }

    @Override
    public Object getHealthCheckRegistry() {
        return target().getHealthCheckRegistry();
    }

    @Override
    public Properties getHealthCheckProperties() {
        return target().getHealthCheckProperties();
    }

    @Override
    public void setHealthCheckProperties(Properties healthCheckProperties) {
        target().setHealthCheckProperties(healthCheckProperties);
    }

    @Override
    public void addHealthCheckProperty(String key, String value) {
        target().addHealthCheckProperty(key, value);
    }

    @Override
    public long getKeepaliveTime() {
        return target().getKeepaliveTime();
    }

    @Override
    public void setKeepaliveTime(long keepaliveTimeMs) {
        target().setKeepaliveTime(keepaliveTimeMs);
    }

    @Override
    public boolean isReadOnly() {
        return target().isReadOnly();
    }

    @Override
    public void setReadOnly(boolean readOnly) {
        target().setReadOnly(readOnly);
    }

    @Override
    public boolean isRegisterMbeans() {
        return target().isRegisterMbeans();
    }

    @Override
    public void setRegisterMbeans(boolean register) {
        target().setRegisterMbeans(register);
    }

    @Override
    public String getPoolName() {
        return target().getPoolName();
    }

    @Override
    public void setPoolName(String poolName) {
        target().setPoolName(poolName);
    }

    @Override
    public ScheduledExecutorService getScheduledExecutor() {
        return target().getScheduledExecutor();
    }

    @Override
    public void setScheduledExecutor(ScheduledExecutorService executor) {
        target().setScheduledExecutor(executor);
    }

    @Override
    public String getTransactionIsolation() {
        return target().getTransactionIsolation();
    }

    @Override
    public String getSchema() {
        return target().getSchema();
    }

    @Override
    public void setSchema(String schema) {
        target().setSchema(schema);
    }

    @Override
    public String getCredentialsProviderClassName() {
        return target().getCredentialsProviderClassName();
    }

    @Override
    public void setCredentialsProviderClassName(String credentialsProviderClassName) {
        target().setCredentialsProviderClassName(credentialsProviderClassName);
    }

    @Override
    public HikariCredentialsProvider getCredentialsProvider() {
        return target().getCredentialsProvider();
    }

    @Override
    public void setCredentialsProvider(HikariCredentialsProvider credentialsProvider) {
        target().setCredentialsProvider(credentialsProvider);
    }

    @Override
    public String getExceptionOverrideClassName() {
        return target().getExceptionOverrideClassName();
    }

    @Override
    public void setExceptionOverrideClassName(String exceptionOverrideClassName) {
        target().setExceptionOverrideClassName(exceptionOverrideClassName);
    }

    @Override
    public SQLExceptionOverride getExceptionOverride() {
        return target().getExceptionOverride();
    }

    @Override
    public void setExceptionOverride(SQLExceptionOverride exceptionOverride) {
        target().setExceptionOverride(exceptionOverride);
    }

    @Override
    public void setTransactionIsolation(String isolationLevel) {
        target().setTransactionIsolation(isolationLevel);
    }

    @Override
    public ThreadFactory getThreadFactory() {
        return target().getThreadFactory();
    }

    @Override
    public void setThreadFactory(ThreadFactory threadFactory) {
        target().setThreadFactory(threadFactory);
    }

    @Override
    public void copyStateTo(HikariConfig other) {
        target().copyStateTo(other);
    }

    @Override
    public void validate() {
        target().validate();
    }
}
