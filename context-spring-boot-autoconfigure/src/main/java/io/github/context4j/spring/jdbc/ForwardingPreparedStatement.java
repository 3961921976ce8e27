package io.github.context4j.spring.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;

/**
 * Forwards what a prepared statement has beyond a statement, default methods included; masked where a driver may ask the
 * database, as pgjdbc does for types that it does not know and for large objects.
 */
@SuppressWarnings("deprecation") // the interface's own
abstract class ForwardingPreparedStatement extends GuardedStatement implements PreparedStatement {
    ForwardingPreparedStatement(GuardedConnection owner, PreparedStatement delegate) {
        super(owner, delegate);
    }

    @Override
    abstract PreparedStatement delegate() throws SQLException;

    @Override
    public void addBatch() throws SQLException {
        SqlCall.maskedAction(() -> delegate().addBatch());
    }

    @Override
    public void clearParameters() throws SQLException {
        delegate().clearParameters();
    }

    @Override
    public boolean execute() throws SQLException {
        return delegate().execute();
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        return delegate().executeLargeUpdate();
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        return delegate().executeQuery();
    }

    @Override
    public int executeUpdate() throws SQLException {
        return delegate().executeUpdate();
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        return SqlCall.masked(() -> delegate().getMetaData());
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        return SqlCall.masked(() -> delegate().getParameterMetaData());
    }

    @Override
    public void setArray(int parameterIndex, Array x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setArray(parameterIndex, x));
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setAsciiStream(parameterIndex, x));
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream x, int length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setAsciiStream(parameterIndex, x, length));
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream x, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setAsciiStream(parameterIndex, x, length));
    }

    @Override
    public void setBigDecimal(int parameterIndex, BigDecimal x) throws SQLException {
        delegate().setBigDecimal(parameterIndex, x);
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setBinaryStream(parameterIndex, x));
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream x, int length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setBinaryStream(parameterIndex, x, length));
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream x, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setBinaryStream(parameterIndex, x, length));
    }

    @Override
    public void setBlob(int parameterIndex, InputStream inputStream) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setBlob(parameterIndex, inputStream));
    }

    @Override
    public void setBlob(int parameterIndex, Blob x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setBlob(parameterIndex, x));
    }

    @Override
    public void setBlob(int parameterIndex, InputStream inputStream, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setBlob(parameterIndex, inputStream, length));
    }

    @Override
    public void setBoolean(int parameterIndex, boolean x) throws SQLException {
        delegate().setBoolean(parameterIndex, x);
    }

    @Override
    public void setByte(int parameterIndex, byte x) throws SQLException {
        delegate().setByte(parameterIndex, x);
    }

    @Override
    public void setBytes(int parameterIndex, byte[] x) throws SQLException {
        delegate().setBytes(parameterIndex, x);
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader reader) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setCharacterStream(parameterIndex, reader));
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader reader, int length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setCharacterStream(parameterIndex, reader, length));
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader reader, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setCharacterStream(parameterIndex, reader, length));
    }

    @Override
    public void setClob(int parameterIndex, Reader reader) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setClob(parameterIndex, reader));
    }

    @Override
    public void setClob(int parameterIndex, Clob x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setClob(parameterIndex, x));
    }

    @Override
    public void setClob(int parameterIndex, Reader reader, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setClob(parameterIndex, reader, length));
    }

    @Override
    public void setDate(int parameterIndex, Date x) throws SQLException {
        delegate().setDate(parameterIndex, x);
    }

    @Override
    public void setDate(int parameterIndex, Date x, Calendar cal) throws SQLException {
        delegate().setDate(parameterIndex, x, cal);
    }

    @Override
    public void setDouble(int parameterIndex, double x) throws SQLException {
        delegate().setDouble(parameterIndex, x);
    }

    @Override
    public void setFloat(int parameterIndex, float x) throws SQLException {
        delegate().setFloat(parameterIndex, x);
    }

    @Override
    public void setInt(int parameterIndex, int x) throws SQLException {
        delegate().setInt(parameterIndex, x);
    }

    @Override
    public void setLong(int parameterIndex, long x) throws SQLException {
        delegate().setLong(parameterIndex, x);
    }

    @Override
    public void setNCharacterStream(int parameterIndex, Reader value) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setNCharacterStream(parameterIndex, value));
    }

    @Override
    public void setNCharacterStream(int parameterIndex, Reader value, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setNCharacterStream(parameterIndex, value, length));
    }

    @Override
    public void setNClob(int parameterIndex, Reader reader) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setNClob(parameterIndex, reader));
    }

    @Override
    public void setNClob(int parameterIndex, NClob value) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setNClob(parameterIndex, value));
    }

    @Override
    public void setNClob(int parameterIndex, Reader reader, long length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setNClob(parameterIndex, reader, length));
    }

    @Override
    public void setNString(int parameterIndex, String value) throws SQLException {
        delegate().setNString(parameterIndex, value);
    }

    @Override
    public void setNull(int parameterIndex, int sqlType) throws SQLException {
        delegate().setNull(parameterIndex, sqlType);
    }

    @Override
    public void setNull(int parameterIndex, int sqlType, String typeName) throws SQLException {
        delegate().setNull(parameterIndex, sqlType, typeName);
    }

    @Override
    public void setObject(int parameterIndex, Object x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setObject(parameterIndex, x));
    }

    @Override
    public void setObject(int parameterIndex, Object x, int targetSqlType) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setObject(parameterIndex, x, targetSqlType));
    }

    @Override
    public void setObject(int parameterIndex, Object x, SQLType targetSqlType) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setObject(parameterIndex, x, targetSqlType));
    }

    @Override
    public void setObject(int parameterIndex, Object x, int targetSqlType, int scaleOrLength) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setObject(parameterIndex, x, targetSqlType, scaleOrLength));
    }

    @Override
    public void setObject(int parameterIndex, Object x, SQLType targetSqlType, int scaleOrLength) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setObject(parameterIndex, x, targetSqlType, scaleOrLength));
    }

    @Override
    public void setRef(int parameterIndex, Ref x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setRef(parameterIndex, x));
    }

    @Override
    public void setRowId(int parameterIndex, RowId x) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setRowId(parameterIndex, x));
    }

    @Override
    public void setSQLXML(int parameterIndex, SQLXML xmlObject) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setSQLXML(parameterIndex, xmlObject));
    }

    @Override
    public void setShort(int parameterIndex, short x) throws SQLException {
        delegate().setShort(parameterIndex, x);
    }

    @Override
    public void setString(int parameterIndex, String x) throws SQLException {
        delegate().setString(parameterIndex, x);
    }

    @Override
    public void setTime(int parameterIndex, Time x) throws SQLException {
        delegate().setTime(parameterIndex, x);
    }

    @Override
    public void setTime(int parameterIndex, Time x, Calendar cal) throws SQLException {
        delegate().setTime(parameterIndex, x, cal);
    }

    @Override
    public void setTimestamp(int parameterIndex, Timestamp x) throws SQLException {
        delegate().setTimestamp(parameterIndex, x);
    }

    @Override
    public void setTimestamp(int parameterIndex, Timestamp x, Calendar cal) throws SQLException {
        delegate().setTimestamp(parameterIndex, x, cal);
    }

    @Override
    public void setURL(int parameterIndex, URL x) throws SQLException {
        delegate().setURL(parameterIndex, x);
    }

    @Override
    @Deprecated
    public void setUnicodeStream(int parameterIndex, InputStream x, int length) throws SQLException {
        SqlCall.maskedAction(() -> delegate().setUnicodeStream(parameterIndex, x, length));
    }
}
