package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What docs/metrics.md, the dashboard and the rules for alerts name is there once a client has left. */
@SampleTest
class MetricsPageTests {
    private static final Path DOCS = Path.of("").toAbsolutePath().resolveSibling("docs");

    private final SampleClient client;

    MetricsPageTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    @BeforeEach
    void aClientLeaves() throws Exception {
        long canceled = client.requests("canceled");
        try (LeavingClient tab = LeavingClient.get(client.port(), "/api/reports/slow?seconds=30")) {
            soon().until(() -> client.queries().length == 1);
            assertThat(tab).isNotNull();
        }
        soon().until(() -> client.requests("canceled") > canceled);
    }

    private static Set<String> names(String file, String pattern, UnaryOperator<String> toPrometheus)
            throws IOException {
        Set<String> names = new TreeSet<>();
        Pattern.compile(pattern)
                .matcher(Files.readString(DOCS.resolve(file)))
                .results()
                .forEach(found -> names.add(toPrometheus.apply(found.group(1))));
        return names;
    }

    @ParameterizedTest
    @ValueSource(strings = {"grafana-dashboard.json", "prometheus-rules.yml"})
    void allThatIsAskedForIsServed(String file) throws Exception {
        Set<String> names = names(file, "\\b(context_[a-z_]+)", name -> name);

        assertThat(names).hasSizeGreaterThanOrEqualTo(5);
        assertServed(names);
    }

    /** What counts requests by cause has only those that are canceled for it. */
    @ParameterizedTest
    @ValueSource(strings = {"grafana-dashboard.json", "prometheus-rules.yml"})
    void clientsThatLeaveAreSeenWhetherThatCancelsOrNot(String file) throws Exception {
        assertThat(names(file, "(\\w+\\{[^}]*client_disconnected)", found -> found))
                .isEmpty();
        assertThat(names(file, "\\b(context_disconnects_total)\\b", name -> name))
                .hasSize(1);
    }

    @Test
    void allThatIsListedIsServed() throws Exception {
        client.getWith("/api/ping", "grpc-timeout", "soon");
        Set<String> names = names("metrics.md", "(?m)^\\| `(context\\.[a-z.]+)`", name -> name.replace('.', '_'));

        assertThat(names).hasSize(9);
        assertServed(names);
    }

    private void assertServed(Set<String> names) throws Exception {
        String served = client.get("/actuator/prometheus").body();
        assertThat(names).allSatisfy(name -> assertThat(served)
                .containsPattern("(?m)^" + name + "(_total|_seconds_count)?[{ ]"));
    }
}
