package io.github.context4j.spring.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.chain.ChainService.Visit;
import io.github.context4j.spring.testing.TestPostgres;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three services in a row end together, when the client leaves and when the time is over. */
@Timeout(300)
class ChainTests {
    private static final Log logger = LogFactory.getLog(ChainTests.class);

    private static final boolean STRESS = Boolean.getBoolean("context4j.stress");
    private static final Duration CEILING = Duration.ofSeconds(10);
    private static final int TRIES = 3;
    private static final Duration GOAL = Duration.ofMillis(250);

    @ParameterizedTest
    @EnumSource
    void theLastQueryDiesWithTheFirstSocket(Route route) throws Exception {
        String database = "chain-" + route;
        List<Duration> took = new ArrayList<>();
        try (Chain chain = new Chain(route, database)) {
            for (int i = 0; i < (STRESS ? 50 : 5); i++) {
                Socket client = chain.request("/report");
                await().until(() -> TestPostgres.sleeping(database) == 1);
                Instant closed = Instant.now();
                client.close();
                took.add(Duration.between(closed, visit(chain, 2).lastWork()));
                for (int service = 0; service < 2; service++) {
                    assertThat(visit(chain, service).cause()).isEqualTo("client_disconnected");
                }
                assertThat(TestPostgres.sleeping(database)).isZero();
            }
        }
        took.sort(null);
        logger.info(
                route + ": the last query ended " + took.get(took.size() / 2).toNanos() / 1_000
                        + " us after the first socket was closed (median of " + took.size() + "), at most "
                        + took.get(took.size() - 1).toNanos() / 1_000 + " us");
        assertThat(took).allSatisfy(time -> assertThat(time).isLessThan(CEILING));
    }

    /**
     * The first two services work for 0.7 s and 0.4 s before they ask the next one. So there are 0.9 s left for the third when it
     * begins, whose own time-out is 1.0 s; and 1.3 s for the second, whose own is 1.5 s. None of them is told that its caller left.
     * Where a machine stood still for so long that a service had no time left to ask the next one, the round is repeated.
     */
    @ParameterizedTest
    @EnumSource
    void theTimeOutsAreOneBudget(Route route) throws Exception {
        int late = 0;
        int rounds = STRESS ? 10 : 1;
        try (Chain chain = new Chain(route, "budget-" + route)) {
            for (int i = 0; i < rounds; i++) {
                List<Visit> visits = List.of();
                for (int attempt = 0; attempt < TRIES && visits.size() < 3; attempt++) {
                    visits = visitsWithinTheBudget(chain);
                }
                assertThat(visits)
                        .extracting(Visit::cause)
                        .containsExactly("request_timeout", "caller_deadline", "caller_deadline");
                late += countLate(visits);
            }
        }
        logger.info(
                route + ": " + late + " of " + 3 * rounds + " services worked on 250 ms after their caller's deadline");
    }

    /** Those of the services that were asked, the first to begin with. */
    private static List<Visit> visitsWithinTheBudget(Chain chain) throws Exception {
        List<Visit> visits = new ArrayList<>();
        try (Socket client = chain.request("/budget")) {
            byte[] status = client.getInputStream().readNBytes(12);
            assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 504");
            visits.add(visit(chain, 0));
            for (int service = 1; service < 3; service++) {
                Visit asked = chain.service(service).visits.poll(10, TimeUnit.SECONDS);
                if (asked == null) {
                    break;
                }
                visits.add(asked);
            }
        }
        return visits;
    }

    private static int countLate(List<Visit> visits) {
        int late = 0;
        for (int service = 0; service < 3; service++) {
            Instant callers =
                    requireNonNull(visits.get(Math.max(0, service - 1)).deadline());
            Duration after = Duration.between(callers, visits.get(service).lastWork());
            assertThat(after)
                    .as("service %s after the deadline of its caller", service)
                    .isLessThan(CEILING);
            late += after.compareTo(GOAL) > 0 ? 1 : 0;
        }
        return late;
    }

    private static Visit visit(Chain chain, int service) throws InterruptedException {
        return requireNonNull(chain.service(service).visits.poll(20, TimeUnit.SECONDS), "no visit");
    }
}
