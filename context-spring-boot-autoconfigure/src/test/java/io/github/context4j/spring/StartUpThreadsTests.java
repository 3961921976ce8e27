package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.spring.testing.TestPostgres;
import io.github.context4j.spring.testing.TestProcess;
import io.github.context4j.spring.web.ContextTimeout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Which threads the library has, and when; in a process of its own, as the timer is one for the whole process. */
class StartUpThreadsTests {
    private static final Pattern OURS = Pattern.compile("context(-.*)?|.*DisconnectWatcher");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void eachThreadComesWithItsFirstUse(@TempDir Path dir) throws Exception {
        try (TestProcess application = TestProcess.start(
                dir.resolve("log"),
                List.of(),
                List.of(
                        Application.class.getName(),
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--management.endpoints.web.exposure.include=*",
                        "--context.dependencies.db.timeout=5s",
                        "--context.unclosed.sample-every=1",
                        "--spring.datasource.url=" + TestPostgres.url("StartUpThreadsTests"),
                        "--spring.datasource.username=" + TestPostgres.user(),
                        "--spring.datasource.password=" + TestPostgres.password()))) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> application.awaitServer().log().contains("READY"));
            assertThat(application.log()).contains("READY []");
            assertThat(application.body("/until-watched")).matches("\\[http-nio-.*DisconnectWatcher]");
            assertThat(application.body("/timed")).contains("context-timer").doesNotContain("cancel");
            assertThat(application.body("/canceled")).contains("context-timer", "context-cancel-db-1");
        }
    }

    /** The names of our threads, but for virtual ones, which are not listed. */
    static String threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(OURS.asMatchPredicate())
                .sorted()
                .toList()
                .toString();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Handlers.class)
    static class Application {
        public static void main(String[] args) {
            SpringApplication.run(Application.class, args);
        }

        @Bean
        static RestClient client(RestClient.Builder clients) {
            return clients.build();
        }
    }

    @RestController
    static final class Handlers implements ApplicationListener<ApplicationReadyEvent> {
        private final JdbcClient jdbc;

        Handlers(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @Override
        public void onApplicationEvent(ApplicationReadyEvent event) {
            jdbc.sql("select 1").query().singleValue(); // as migrations do at start-up
            System.out.println("READY " + threads());
        }

        @GetMapping("/until-watched")
        String untilWatched() {
            Awaitility.await().atMost(PATIENCE).until(() -> threads().contains("DisconnectWatcher"));
            return threads();
        }

        @GetMapping("/timed")
        @ContextTimeout("30s")
        String timed() {
            return threads();
        }

        @GetMapping("/canceled")
        String canceled() {
            try {
                Context.current().runWithin(Duration.ofMillis(300), () -> jdbc.sql("select pg_sleep(30)")
                        .query()
                        .singleRow());
                return "not canceled";
            } catch (QueryTimeoutException expected) {
                return threads();
            }
        }
    }
}
