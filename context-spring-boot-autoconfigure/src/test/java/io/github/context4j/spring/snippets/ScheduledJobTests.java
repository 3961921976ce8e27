package io.github.context4j.spring.snippets;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.CurrentContext;
import io.github.context4j.spring.ShutdownException;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.github.context4j.spring.testing.TestServer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

/** A scheduled job has no context, as before; one that is to end with the server says so. */
@Timeout(60)
class ScheduledJobTests {
    static final BlockingQueue<Object> SEEN = new LinkedBlockingQueue<>();

    static class Reports {
        static void work() {
            SEEN.add(Context.current());
            try {
                Context.current().awaitDone();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            SEEN.add(String.valueOf(Context.current().cause()));
        }
    }

    // @start region="scheduled"
    record Nightly(ShutdownContexts server) {
        @Scheduled(cron = "0 0 3 * * *")
        void report() {
            server.serving().runWithin(ofMinutes(30), Reports::work); // ends when the server begins to stop
        }
    }
    // @end

    static class Soon {
        private final Nightly nightly;

        Soon(ShutdownContexts server) {
            nightly = new Nightly(server);
        }

        @Scheduled(initialDelay = 1)
        void now() {
            SEEN.add(CurrentContext.get() == null);
            nightly.report();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @EnableScheduling
    @Import(Soon.class)
    static class App {}

    private static Object seen() throws InterruptedException {
        Object seen = SEEN.poll(20, TimeUnit.SECONDS);
        assertThat(seen).isNotNull();
        return seen;
    }

    @Test
    void aJobEndsWhenTheServerBeginsToStop() throws Exception {
        try (TestServer server = TestServer.start(App.class)) {
            assertThat(seen()).isEqualTo(true);
            assertThat(((Context) seen()).deadline()).isNotNull();
            server.bean(ShutdownContexts.class).stop();
            assertThat(seen().toString()).contains(ShutdownException.class.getSimpleName());
        }
    }
}
