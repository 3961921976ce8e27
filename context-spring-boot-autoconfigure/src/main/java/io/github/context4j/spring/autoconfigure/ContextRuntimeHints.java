package io.github.context4j.spring.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/** What a native image has to keep although only its name says that it is used. */
final class ContextRuntimeHints implements RuntimeHintsRegistrar {
    private static final String TOMCAT = "io.github.context4j.spring.web.tomcat.";

    /** What is asked for to know what is on the class path. */
    private static final List<String> PRESENT = List.of(
            "org.postgresql.core.BaseConnection",
            "org.reactivestreams.Publisher",
            "org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties",
            "org.springframework.jdbc.datasource.DelegatingDataSource");

    /** What is asked for its methods. */
    private static final List<String> COMPARED = List.of(
            "com.zaxxer.hikari.HikariConfig",
            "com.zaxxer.hikari.HikariDataSource",
            "io.github.context4j.spring.autoconfigure.GuardedHikariDataSource");

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        PRESENT.forEach(type -> hints.reflection().registerTypeIfPresent(classLoader, type));
        COMPARED.forEach(type -> hints.reflection().registerTypeIfPresent(classLoader, type));
        hints.reflection()
                .registerTypeIfPresent(
                        classLoader,
                        TOMCAT + "WatchedHttp11NioProtocol",
                        MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS, // Tomcat makes it by its name,
                        MemberCategory.INVOKE_PUBLIC_METHODS) // and sets its properties by theirs,
                .registerTypeIfPresent(
                        classLoader,
                        TOMCAT + "WatchedNioEndpoint",
                        MemberCategory.INVOKE_PUBLIC_METHODS); // or those of this
    }
}
