package io.github.context4j.spring.chain;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import io.github.context4j.Deadline;
import io.github.context4j.spring.ContextEndedReason;
import io.github.context4j.spring.web.CancelOnDisconnect;
import io.github.context4j.spring.web.ContextTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** A service that asks the next one, or a slow database if it is the last, and says when it worked last. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
@RestController
class ChainService {
    /**
     * One request, when it is over.
     *
     * @param deadline of its context, null if it has none
     * @param lastWork when it did something last
     * @param cause why its context ended
     */
    record Visit(@Nullable Instant deadline, Instant lastWork, String cause) {}

    final BlockingQueue<Visit> visits = new LinkedBlockingQueue<>();
    private final @Nullable RestClient next;
    private final @Nullable JdbcTemplate database;
    private final Duration work;

    ChainService(
            @Value("${chain.next:}") String next,
            @Value("${chain.work:0ms}") Duration work,
            ObjectProvider<RestClient.Builder> clients,
            ObjectProvider<DataSource> database) {
        DataSource pool = database.getIfAvailable();
        this.database = pool == null ? null : new JdbcTemplate(pool);
        this.next = pool == null ? clients.getObject().baseUrl(next).build() : null;
        this.work = work;
    }

    @GetMapping("/report")
    @ContextTimeout("30s")
    String report(Context context) throws InterruptedException {
        return visit(context, "/report");
    }

    /** Is not told of callers that leave, only of the time they have. */
    @GetMapping("/budget")
    @CancelOnDisconnect(false)
    String budget(Context context) throws InterruptedException {
        return visit(context, "/budget");
    }

    private String visit(Context context, String path) throws InterruptedException {
        Deadline deadline = context.deadline();
        Instant end = deadline == null ? null : deadline.toInstant();
        try {
            if (path.equals("/budget")) {
                context.sleep(work);
            }
            return ask(path);
        } finally {
            visits.add(new Visit(end, Instant.now(), ContextEndedReason.tagOf(context.cause())));
        }
    }

    private String ask(String path) {
        if (database != null) {
            database.execute("select pg_sleep(30)");
            return "done";
        }
        return requireNonNull(requireNonNull(next).get().uri(path).retrieve().body(String.class));
    }
}
