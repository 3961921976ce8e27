package io.github.context4j.spring.client;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;

/** The clients, as Spring Boot builds them. */
enum HttpKind {
    JDK,
    HTTP_COMPONENTS,
    JETTY,
    REACTOR,
    SIMPLE;

    ClientHttpRequestFactoryBuilder<?> builder() {
        return switch (this) {
            case JDK -> ClientHttpRequestFactoryBuilder.jdk();
            case HTTP_COMPONENTS -> ClientHttpRequestFactoryBuilder.httpComponents();
            case JETTY -> ClientHttpRequestFactoryBuilder.jetty();
            case REACTOR -> ClientHttpRequestFactoryBuilder.reactor();
            case SIMPLE -> ClientHttpRequestFactoryBuilder.simple();
        };
    }
}
