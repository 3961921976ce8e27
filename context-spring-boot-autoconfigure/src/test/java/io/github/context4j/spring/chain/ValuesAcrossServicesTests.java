package io.github.context4j.spring.chain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.spring.PropagatedValues;
import io.github.context4j.spring.testing.TestServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Values that a request brings, and what the next service hears of them. */
@Timeout(60)
class ValuesAcrossServicesTests {
    private static final String DECLARED = "context.propagation.keys=tenant";
    private static final String TOLD = "context.dependencies.next.propagate-values=true";

    private @Nullable TestServer first;
    private @Nullable TestServer next;

    @AfterEach
    void close() {
        if (first != null) {
            first.close();
        }
        if (next != null) {
            next.close();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class Service {
        private final PropagatedValues values;
        private final RestClient next;

        Service(PropagatedValues values, RestClient.Builder clients, @Value("${next:}") String next) {
            this.values = values;
            this.next = clients.baseUrl(next).build();
        }

        @GetMapping("/")
        String ask(Context context) {
            return context.get(values.key("tenant")) + ", "
                    + requireNonNull(next.get().uri("/last").retrieve().body(String.class));
        }

        @GetMapping("/last")
        String last(Context context, @RequestHeader HttpHeaders headers) {
            return context.get(values.key("tenant")) + " " + headers.getOrEmpty("baggage");
        }
    }

    /** The first service is asked, with two values, and asks the next one. */
    private String answer(String... firstSettings) {
        TestServer last = TestServer.start(Service.class, DECLARED);
        next = last;
        String[] settings = new String[firstSettings.length + 3];
        settings[0] = "next=http://127.0.0.1:" + last.port();
        settings[1] = "context.dependencies.next.timeout=20s";
        settings[2] = "context.dependencies.next.hosts=127.0.0.1";
        System.arraycopy(firstSettings, 0, settings, 3, firstSettings.length);
        TestServer asked = TestServer.start(Service.class, settings);
        first = asked;
        return asked.send(asked.request("/")
                        .header("baggage", "secret=1,tenant=a%20b")
                        .build())
                .body();
    }

    @Test
    void aDeclaredValueTravelsToADependencyThatIsToBeTold() {
        assertThat(answer(DECLARED, TOLD)).isEqualTo("a b, a b [tenant=a%20b]");
    }

    @Test
    void aDependencyThatIsNotToBeToldHearsNothing() {
        assertThat(answer(DECLARED)).isEqualTo("a b, null []");
    }

    @Test
    void switchedOffNothingTravels() {
        assertThat(answer("context.enabled=false", TOLD)).isEqualTo("null, null []");
    }
}
