package io.github.context4j.spring.aot;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.spring.aop.Dependency;
import io.github.context4j.spring.web.ContextTimeout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** An application in which all of the auto-configurations have something to do. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableResilientMethods
class PreparedApplication {
    public static void main(String[] args) {
        SpringApplication.run(PreparedApplication.class, args);
    }

    @Bean
    static Service service(JdbcClient jdbc) {
        return new Service(jdbc);
    }

    @Bean(defaultCandidate = false)
    static DriverManagerDataSource reports() {
        return new DriverManagerDataSource("jdbc:h2:mem:reports");
    }

    @Bean
    static RetryTemplate retryTemplate() {
        return new RetryTemplate();
    }

    /** Its methods run in proxies. */
    static class Service {
        final AtomicInteger attempts = new AtomicInteger();
        private final JdbcClient jdbc;

        Service(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @Dependency("cache")
        public Duration remaining() {
            return requireNonNull(Context.current().deadline()).remaining();
        }

        @Retryable(maxRetries = 2, delay = 1)
        public int thirdAttempt() {
            if (attempts.incrementAndGet() < 3) {
                throw new IllegalStateException("attempt " + attempts);
            }
            return attempts.get();
        }

        int one() {
            return jdbc.sql("select 1").query(Integer.class).single();
        }
    }

    @RestController
    static final class Handlers {
        private final Service service;
        private final RestClient client;
        private final ApplicationContext application;

        Handlers(Service service, RestClient.Builder clients, ApplicationContext application) {
            this.service = service;
            this.client = clients.build();
            this.application = application;
        }

        @GetMapping("/beans")
        String beans() {
            return String.join(",", application.getBeanDefinitionNames());
        }

        /** The class of a DataSource bean, and where it comes from. */
        @GetMapping("/data-source")
        String dataSource(String bean) {
            Class<?> type = application.getBean(bean, DataSource.class).getClass();
            return type.getName() + " "
                    + type.getProtectionDomain().getCodeSource().getLocation();
        }

        @GetMapping("/connector")
        String connector() {
            TomcatWebServer server =
                    (TomcatWebServer) ((ServletWebServerApplicationContext) application).getWebServer();
            return requireNonNull(server)
                    .getTomcat()
                    .getConnector()
                    .getProtocolHandler()
                    .getClass()
                    .getName();
        }

        @GetMapping("/attempts")
        int attempts() {
            return service.thirdAttempt();
        }

        @GetMapping("/time")
        @ContextTimeout("90s")
        String time(Context context) {
            return requireNonNull(context.deadline()).remaining().toSeconds() / 60 + " "
                    + service.remaining().toSeconds() / 10;
        }

        @GetMapping("/one")
        int one() {
            return service.one();
        }

        @GetMapping("/call")
        String call(String url) {
            return String.valueOf(client.get().uri(url).retrieve().body(String.class));
        }
    }
}
