package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.jdbc.DataSourceGuard;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.aop.support.AopUtils;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.ClassWriter;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.ClassUtils;

/** Versions of HikariCP that {@link GuardedHikariDataSource} was not written for, and none. */
class OtherHikariTests {
    private static final String CONFIG = "com.zaxxer.hikari.HikariConfig";
    private static final String POOL = "com.zaxxer.hikari.HikariDataSource";
    private static final String URL = "jdbc:h2:mem:other";

    /** Loads both HikariCP, one class of which it changes, and the wiring. */
    private static final class Loader extends ClassLoader {
        private final boolean hasHikari;
        private final String changed;
        private final UnaryOperator<ClassVisitor> change;

        Loader(boolean hasHikari, String changed, UnaryOperator<ClassVisitor> change) {
            super(OtherHikariTests.class.getClassLoader());
            this.hasHikari = hasHikari;
            this.changed = changed;
            this.change = change;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                boolean isHikaris = name.startsWith("com.zaxxer.hikari.");
                if (!isHikaris && !name.startsWith(OtherHikariTests.class.getPackageName())) {
                    return super.loadClass(name, resolve);
                }
                if (isHikaris && !hasHikari) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = bytes(name);
                return defineClass(name, bytes, 0, bytes.length);
            }
        }

        private byte[] bytes(String name) throws ClassNotFoundException {
            try (InputStream in = getParent()
                    .getResourceAsStream(
                            ClassUtils.convertClassNameToResourcePath(name) + ClassUtils.CLASS_FILE_SUFFIX)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                ClassReader reader = new ClassReader(in);
                ClassWriter writer = new ClassWriter(0);
                reader.accept(name.equals(changed) ? change.apply(writer) : writer, 0);
                return writer.toByteArray();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        /** What an instance of {@code type} returns that is loaded by this. */
        Object call(Class<? extends Callable<?>> type) throws Exception {
            ClassLoader before = Thread.currentThread().getContextClassLoader();
            Thread.currentThread().setContextClassLoader(this);
            try {
                Constructor<?> constructor = loadClass(type.getName()).getDeclaredConstructor();
                constructor.setAccessible(true);
                return ((Callable<?>) constructor.newInstance()).call();
            } finally {
                Thread.currentThread().setContextClassLoader(before);
            }
        }
    }

    static DataSourceGuard guard() {
        return new DataSourceGuard(
                new Dependency("db", null),
                new DependencyCalls(Mode.ENFORCE, new ContextObserver() {}),
                Duration.ofSeconds(1));
    }

    private static ClassVisitor withMethod(String method, int access, ClassVisitor writer) {
        return new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public void visitEnd() {
                MethodVisitor code = visitMethod(access, method, "()V", null, null);
                code.visitCode();
                code.visitInsn(Opcodes.RETURN);
                code.visitMaxs(0, 1);
                code.visitEnd();
                super.visitEnd();
            }
        };
    }

    private static ClassVisitor withoutMethod(String removed, ClassVisitor writer) {
        return new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public @Nullable MethodVisitor visitMethod(
                    int access, String method, String descriptor, String signature, String[] exceptions) {
                return method.equals(removed)
                        ? null
                        : super.visitMethod(access, method, descriptor, signature, exceptions);
            }
        };
    }

    private static ClassVisitor asFinal(ClassVisitor writer) {
        return new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public void visit(
                    int version, int access, String type, String signature, String parent, String[] interfaces) {
                super.visit(version, access | Opcodes.ACC_FINAL, type, signature, parent, interfaces);
            }
        };
    }

    /** The class of the proxy of a pool and of its connections. */
    static final class Guarding implements Callable<String> {
        @Override
        public String call() throws Exception {
            try (HikariDataSource pool = new HikariDataSource()) {
                pool.setJdbcUrl(URL);
                DataSource guarded = (DataSource) requireNonNull(DataSourceProxies.of(pool, guard()));
                assertThat(GuardedConnections.comeFrom(guarded)).isTrue();
                assertThat(GuardedConnections.behind(guarded)).isSameAs(pool);
                try (Connection connection = guarded.getConnection()) {
                    return (AopUtils.isCglibProxy(guarded)
                                    ? "CGLIB"
                                    : AopUtils.isJdkDynamicProxy(guarded)
                                            ? "JDK"
                                            : guarded.getClass().getSimpleName())
                            + " " + connection.getClass().getSimpleName();
                }
            }
        }
    }

    @Test
    void theVersionThatItIsWrittenForIsGuardedByHand() throws Exception {
        assertThat(new Loader(true, CONFIG, UnaryOperator.identity()).call(Guarding.class))
                .isEqualTo("GuardedHikariDataSource GuardedConnection");
    }

    @Test
    void oneWithAMethodMoreIsSubclassed() throws Exception {
        assertThat(new Loader(true, CONFIG, writer -> withMethod("setMore", Opcodes.ACC_PUBLIC, writer))
                        .call(Guarding.class))
                .isEqualTo("CGLIB GuardedConnection");
    }

    @Test
    void oneWithAStaticMethodMoreIsGuardedByHand() throws Exception {
        assertThat(new Loader(
                                true,
                                CONFIG,
                                writer -> withMethod("more", Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, writer))
                        .call(Guarding.class))
                .isEqualTo("GuardedHikariDataSource GuardedConnection");
    }

    @Test
    void oneWithAMethodLessIsGuardedByHand() throws Exception {
        assertThat(new Loader(true, CONFIG, writer -> withoutMethod("setExceptionOverride", writer))
                        .call(Guarding.class))
                .isEqualTo("GuardedHikariDataSource GuardedConnection");
    }

    @Test
    void oneThatCannotBeExtendedIsProxiedByItsInterfaces() throws Exception {
        assertThat(new Loader(true, POOL, OtherHikariTests::asFinal).call(Guarding.class))
                .isEqualTo("JDK GuardedConnection");
    }

    /** What is asked about DataSources of any kind. */
    static final class WithoutHikari implements Callable<List<Boolean>> {
        @Override
        public List<Boolean> call() {
            DataSource plain = new DriverManagerDataSource(URL);
            DataSource guarded = (DataSource) requireNonNull(DataSourceProxies.of(plain, guard()));
            return List.of(
                    GuardedConnections.comeFrom(guarded),
                    GuardedConnections.comeFrom(new DelegatingDataSource(guarded)),
                    GuardedConnections.behind(guarded) == plain,
                    GuardedConnections.comeFrom(plain),
                    DataSourceProxies.isByHand(DriverManagerDataSource.class));
        }
    }

    @Test
    void noneIsNeeded() throws Exception {
        assertThat(new Loader(false, CONFIG, UnaryOperator.identity()).call(WithoutHikari.class))
                .isEqualTo(List.of(true, true, true, false, false));
    }
}
