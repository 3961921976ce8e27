package io.github.context4j.spring.restart;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Carrier;
import io.github.context4j.Context;
import io.github.context4j.TaskGroup;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.web.ContextTimeout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Uses all that keeps something: loaded by a class loader of its own, which must go when it is closed. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableAsync
@Import({RestartedApplication.Controller.class, RestartedApplication.Service.class})
public class RestartedApplication {
    private static final Context.Key<Value> KEY = Context.Key.named("value");

    record Value(String text) {}

    /** Starts it; called by reflection. */
    public static ConfigurableApplicationContext run(String... properties) {
        return new SpringApplicationBuilder(RestartedApplication.class)
                .properties(properties)
                .run();
    }

    /** On the stack of all that a request does, so that threads which are made there could inherit this class. */
    @Bean
    static FilterRegistrationBean<jakarta.servlet.Filter> outermost() {
        FilterRegistrationBean<jakarta.servlet.Filter> outermost =
                new FilterRegistrationBean<>((request, response, chain) -> chain.doFilter(request, response));
        outermost.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return outermost;
    }

    @Bean
    static Carrier carrier() {
        return () -> () -> () -> {};
    }

    @Bean
    static ContextObserver observer() {
        return new ContextObserver() {
            @Override
            public void requestDone(LiveContext request) {
                request.attach(new Value("attached"));
            }
        };
    }

    static class Service {
        private static final Logger logger = LoggerFactory.getLogger(Service.class);

        @Async
        public CompletableFuture<String> async() {
            return CompletableFuture.completedFuture(
                    String.valueOf(Context.current().get(KEY)));
        }

        @Async
        public void untilDone() throws InterruptedException {
            Context.current().awaitDone();
            logger.info("done");
            Context.current().throwIfDone();
        }
    }

    @RestController
    static class Controller {
        private final Service service;
        private final JdbcTemplate jdbc;
        private final RestClient client;
        private final WebServerApplicationContext application;

        Controller(
                Service service,
                JdbcTemplate jdbc,
                RestClient.Builder clients,
                WebServerApplicationContext application) {
            this.service = service;
            this.jdbc = jdbc;
            this.client = clients.build();
            this.application = application;
        }

        @GetMapping("/everything")
        String everything(Context context) throws Exception {
            return context.withValue(KEY, new Value("mine")).<String, Exception>call(this::work);
        }

        @SuppressWarnings("MustBeClosedChecker") // ends with the request
        private String work() throws Exception {
            Context context = Context.current();
            CancelableContext left = context.withTimeout(Duration.ofMinutes(10));
            left.onDone(() -> Service.logger.info("ended"));
            service.untilDone();
            String async = service.async().get(20, TimeUnit.SECONDS);
            Integer one = jdbc.queryForObject("select 1", Integer.class);
            String pong = client.get()
                    .uri("http://127.0.0.1:{port}/ping", port())
                    .retrieve()
                    .body(String.class);
            try (TaskGroup group = TaskGroup.open(context)) {
                TaskGroup.Fork<@Nullable Value> task =
                        group.fork(() -> Context.current().get(KEY));
                group.join();
                return async + " " + one + " " + pong + " " + task.get();
            }
        }

        private int port() {
            return requireNonNull(application.getWebServer()).getPort();
        }

        @GetMapping("/ping")
        String ping() {
            return "pong";
        }

        @GetMapping("/late")
        @ContextTimeout("50ms")
        void late(Context context) throws InterruptedException {
            context.awaitDone();
            Thread.sleep(400); // long enough for a zombie
            context.throwIfDone();
        }

        @GetMapping("/waits")
        void waits(Context context) throws InterruptedException {
            context.awaitDone();
            Service.logger.error("left");
            context.throwIfDone();
        }
    }
}
