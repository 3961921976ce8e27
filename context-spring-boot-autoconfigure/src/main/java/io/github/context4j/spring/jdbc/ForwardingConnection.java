package io.github.context4j.spring.jdbc;

import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.ShardingKey;
import java.sql.Statement;
import java.sql.Struct;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;

/** Forwards every call that may throw an {@link SQLException}, default methods included; masked where a driver may ask the database. */
@SuppressWarnings("deprecation") // the interface's own
abstract class ForwardingConnection implements Connection {

    /** What the calls are forwarded to. */
    abstract Connection delegate() throws SQLException;

    @Override
    public void abort(Executor executor) throws SQLException {
        delegate().abort(executor);
    }

    @Override
    public void beginRequest() throws SQLException {
        SqlCall.maskedAction(() -> delegate().beginRequest());
    }

    @Override
    public void clearWarnings() throws SQLException {
        SqlCall.maskedAction(() -> delegate().clearWarnings());
    }

    @Override
    public void close() throws SQLException {
        delegate().close();
    }

    @Override
    public void commit() throws SQLException {
        delegate().commit();
    }

    @Override
    public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
        return SqlCall.masked(() -> delegate().createArrayOf(typeName, elements));
    }

    @Override
    public Blob createBlob() throws SQLException {
        return SqlCall.masked(() -> delegate().createBlob());
    }

    @Override
    public Clob createClob() throws SQLException {
        return SqlCall.masked(() -> delegate().createClob());
    }

    @Override
    public NClob createNClob() throws SQLException {
        return SqlCall.masked(() -> delegate().createNClob());
    }

    @Override
    public SQLXML createSQLXML() throws SQLException {
        return SqlCall.masked(() -> delegate().createSQLXML());
    }

    @Override
    public Statement createStatement() throws SQLException {
        return delegate().createStatement();
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency) throws SQLException {
        return delegate().createStatement(resultSetType, resultSetConcurrency);
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency, int resultSetHoldability)
            throws SQLException {
        return delegate().createStatement(resultSetType, resultSetConcurrency, resultSetHoldability);
    }

    @Override
    public Struct createStruct(String typeName, Object[] attributes) throws SQLException {
        return SqlCall.masked(() -> delegate().createStruct(typeName, attributes));
    }

    @Override
    public void endRequest() throws SQLException {
        SqlCall.maskedAction(() -> delegate().endRequest());
    }

    @Override
    public boolean getAutoCommit() throws SQLException {
        return SqlCall.masked(() -> delegate().getAutoCommit());
    }

    @Override
    public String getCatalog() throws SQLException {
        return SqlCall.masked(() -> delegate().getCatalog());
    }

    @Override
    public Properties getClientInfo() throws SQLException {
        return SqlCall.masked(() -> delegate().getClientInfo());
    }

    @Override
    public String getClientInfo(String name) throws SQLException {
        return SqlCall.masked(() -> delegate().getClientInfo(name));
    }

    @Override
    public int getHoldability() throws SQLException {
        return SqlCall.masked(() -> delegate().getHoldability());
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        return SqlCall.masked(() -> delegate().getMetaData());
    }

    @Override
    public int getNetworkTimeout() throws SQLException {
        return SqlCall.masked(() -> delegate().getNetworkTimeout());
    }

    @Override
    public String getSchema() throws SQLException {
        return SqlCall.masked(() -> delegate().getSchema());
    }

    @Override
    public int getTransactionIsolation() throws SQLException {
        return SqlCall.masked(() -> delegate().getTransactionIsolation());
    }

    @Override
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        return SqlCall.masked(() -> delegate().getTypeMap());
    }

    @Override
    public SQLWarning getWarnings() throws SQLException {
        return SqlCall.masked(() -> delegate().getWarnings());
    }

    @Override
    public boolean isClosed() throws SQLException {
        return delegate().isClosed();
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        return SqlCall.masked(() -> delegate().isReadOnly());
    }

    @Override
    public boolean isValid(int timeout) throws SQLException {
        return delegate().isValid(timeout);
    }

    @Override
    public boolean isWrapperFor(Class<?> iface) throws SQLException {
        return delegate().isWrapperFor(iface);
    }

    @Override
    public String nativeSQL(String sql) throws SQLException {
        return SqlCall.masked(() -> delegate().nativeSQL(sql));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return delegate().prepareCall(sql);
    }

    @Override
    public CallableStatement prepareCall(String sql, int resultSetType, int resultSetConcurrency) throws SQLException {
        return delegate().prepareCall(sql, resultSetType, resultSetConcurrency);
    }

    @Override
    public CallableStatement prepareCall(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return delegate().prepareCall(sql, resultSetType, resultSetConcurrency, resultSetHoldability);
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return delegate().prepareStatement(sql);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return delegate().prepareStatement(sql, autoGeneratedKeys);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return delegate().prepareStatement(sql, columnIndexes);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return delegate().prepareStatement(sql, columnNames);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int resultSetType, int resultSetConcurrency)
            throws SQLException {
        return delegate().prepareStatement(sql, resultSetType, resultSetConcurrency);
    }

    @Override
    public PreparedStatement prepareStatement(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return delegate().prepareStatement(sql, resultSetType, resultSetConcurrency, resultSetHoldability);
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        delegate().releaseSavepoint(savepoint);
    }

    @Override
    public void rollback() throws SQLException {
        delegate().rollback();
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        delegate().rollback(savepoint);
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        delegate().setAutoCommit(autoCommit);
    }

    @Override
    public void setCatalog(String catalog) throws SQLException {
        delegate().setCatalog(catalog);
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setHoldability(holdability));
    }

    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setNetworkTimeout(executor, milliseconds));
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        delegate().setReadOnly(readOnly);
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return delegate().setSavepoint();
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return delegate().setSavepoint(name);
    }

    @Override
    public void setSchema(String schema) throws SQLException {
        delegate().setSchema(schema);
    }

    @Override
    public void setShardingKey(ShardingKey shardingKey) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setShardingKey(shardingKey));
    }

    @Override
    public void setShardingKey(ShardingKey shardingKey, ShardingKey superShardingKey) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setShardingKey(shardingKey, superShardingKey));
    }

    @Override
    public boolean setShardingKeyIfValid(ShardingKey shardingKey, int timeout) throws SQLException {
        return SqlCall.masked(() -> delegate().setShardingKeyIfValid(shardingKey, timeout));
    }

    @Override
    public boolean setShardingKeyIfValid(ShardingKey shardingKey, ShardingKey superShardingKey, int timeout)
            throws SQLException {
        return SqlCall.masked(() -> delegate().setShardingKeyIfValid(shardingKey, superShardingKey, timeout));
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        delegate().setTransactionIsolation(level);
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setTypeMap(map));
    }

    @Override
    public <T> T unwrap(Class<T> iface) throws SQLException {
        return delegate().unwrap(iface);
    }
}
