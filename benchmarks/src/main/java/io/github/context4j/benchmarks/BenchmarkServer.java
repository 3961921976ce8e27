package io.github.context4j.benchmarks;

import static java.util.Objects.requireNonNull;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A service with a slow query and a ping, to be measured with the library and without it. */
final class BenchmarkServer implements AutoCloseable {
    private final ServletWebServerApplicationContext application;

    private BenchmarkServer(ServletWebServerApplicationContext application) {
        this.application = application;
    }

    static EmbeddedPostgres database() throws IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "200")
                .setServerConfig("log_min_messages", "fatal")
                .start();
    }

    static BenchmarkServer start(EmbeddedPostgres database, String name, String... properties) {
        return new BenchmarkServer((ServletWebServerApplicationContext) new SpringApplicationBuilder(App.class)
                .properties(
                        "server.port=0",
                        "server.address=127.0.0.1",
                        "server.tomcat.max-keep-alive-requests=-1",
                        "logging.level.root=error",
                        "spring.main.banner-mode=off",
                        "spring.datasource.url=" + database.getJdbcUrl("postgres", "postgres") + "&ApplicationName="
                                + name,
                        "spring.datasource.hikari.maximum-pool-size=20",
                        "spring.datasource.hikari.minimum-idle=20")
                .properties(properties)
                .run());
    }

    /** Opens a connection to this server. */
    @SuppressWarnings("AddressSelection") // the loopback address is meant
    Socket connect() throws IOException {
        int port = requireNonNull(application.getWebServer(), "webServer").getPort();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        return socket;
    }

    <T> T bean(Class<T> type) {
        return application.getBean(type);
    }

    static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        application.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @RestController
    static class App {
        private final JdbcClient jdbc;

        App(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @GetMapping("/ping")
        String ping() {
            return "pong";
        }

        @GetMapping("/user")
        int user(@RequestParam int id) {
            return jdbc.sql("select ?::int").param(id).query(Integer.class).single();
        }

        @GetMapping("/slow")
        String slow(@RequestParam int id) {
            jdbc.sql("select pg_sleep(30) /* client " + id + ". */").query().singleRow();
            return "slept";
        }
    }
}
