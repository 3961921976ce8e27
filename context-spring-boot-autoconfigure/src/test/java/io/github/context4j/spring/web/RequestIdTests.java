package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.github.context4j.Context;
import io.github.context4j.spring.testing.LogEvents;
import io.github.context4j.spring.testing.TestServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.web.error.ErrorAttributeOptions;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.error.DefaultErrorAttributes;
import org.springframework.boot.webmvc.error.ErrorAttributes;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

class RequestIdTests {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(App.class, "context.request.timeout=20s");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(server.bean(App.class).leftBehind).isNull();
    }

    private static HttpResponse<String> get(TestServer server, String path, String... headers) {
        HttpRequest.Builder request = server.request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request.build());
    }

    private static String idIn(HttpResponse<?> response) {
        assertThat(response.headers().allValues("X-Request-Id")).hasSize(1);
        return response.headers().firstValue("X-Request-Id").orElseThrow();
    }

    @Test
    void theClientsIdIsInTheMdcAndInTheResponse() {
        HttpResponse<String> response = get(server, "/id", "x-request-id", "Root=1-67891233:a.b_c/d+e@f");

        assertThat(response.body()).isEqualTo("Root=1-67891233:a.b_c/d+e@f");
        assertThat(idIn(response)).isEqualTo(response.body());
    }

    @Test
    void aRequestWithoutAnIdGetsAFreshOne() {
        HttpResponse<String> first = get(server, "/id");
        HttpResponse<String> second = get(server, "/id");

        assertThat(first.body()).matches("[0-9a-f]{32}").isNotEqualTo(second.body());
        assertThat(idIn(first)).isEqualTo(first.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "two words", "a;b", "a,b", "<b>", "${x}", "%0d%0a", "a\"b", "a\tb"})
    void anIdThatIsNotSafeInLogsIsReplaced(String id) {
        HttpResponse<String> response = get(server, "/id", "X-Request-Id", id);

        assertThat(response.body()).matches("[0-9a-f]{32}");
        assertThat(idIn(response)).isEqualTo(response.body());
    }

    @Test
    void anIdThatIsTooLongIsReplaced() {
        assertThat(get(server, "/id", "X-Request-Id", "a".repeat(128)).body()).hasSize(128);
        assertThat(get(server, "/id", "X-Request-Id", "a".repeat(129)).body()).matches("[0-9a-f]{32}");
    }

    @Test
    void whatIsSafeIsBoundedWhateverComes() {
        Random random = new Random(20261121);
        for (int i = 0; i < 10_000; i++) {
            String id = random.ints(random.nextInt(i % 100 == 0 ? 9_000 : 8), 0, i % 2 == 0 ? 0x80 : 0x10000)
                    .collect(StringBuilder::new, (text, c) -> text.append((char) c), StringBuilder::append)
                    .toString();
            assertThat(RequestIdFilter.isSafe(id)).isEqualTo(id.matches("[0-9A-Za-z_.:/=+@-]{1,128}"));
        }
        assertThat(RequestIdFilter.isSafe((String) null)).isFalse();
    }

    @Test
    void asynchronousHandlersAndTheirDispatchesHaveIt() {
        HttpResponse<String> response = get(server, "/callable", "X-Request-Id", "mine");

        assertThat(response.body()).isEqualTo("mine");
        assertThat(response.headers().firstValue("X-Seen-By-Filter")).hasValue("mine");
        assertThat(idIn(response)).isEqualTo("mine");
    }

    @Test
    void errorPagesHaveIt() {
        HttpResponse<String> notFound = get(server, "/nowhere", "X-Request-Id", "mine");
        assertThat(notFound.statusCode()).isEqualTo(404);
        assertThat(notFound.body()).contains("\"id\":\"mine\"");
        assertThat(idIn(notFound)).isEqualTo("mine");

        HttpResponse<String> failed = get(server, "/fails", "X-Request-Id", "mine");
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).contains("\"id\":\"mine\"");
        assertThat(idIn(failed)).isEqualTo("mine");
    }

    @Test
    void whatWeLogAndAnswerHasIt() {
        try (LogEvents log = LogEvents.capture()) {
            HttpResponse<String> response = get(server, "/wait", "X-Request-Id", "mine");

            assertThat(response.statusCode()).isEqualTo(504);
            assertThat(idIn(response)).isEqualTo("mine");
            assertThat(log.mdcAt(Level.WARN)).singleElement().isEqualTo(Map.of("requestId", "mine"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "own, own, own",
                "own, -, own",
                "-, own, own",
                "own, other, own",
                "two words, own, own",
                "own, two words, own",
                "two words, two words, mine"
            })
    void whatAFilterOfTheApplicationChoseStays(@Nullable String answered, @Nullable String logged, String expected) {
        App app = server.bean(App.class);
        app.answered = answered;
        app.logged = logged;
        try {
            HttpResponse<String> response = get(server, "/id", "X-Request-Id", "mine");
            assertThat(response.body()).isEqualTo(expected);
            assertThat(idIn(response)).isEqualTo(expected);

            HttpResponse<String> later = get(server, "/callable", "X-Request-Id", "mine");
            assertThat(later.body()).isEqualTo(expected);
            assertThat(later.headers().firstValue("X-Seen-By-Filter")).hasValue(expected);
        } finally {
            app.answered = null;
            app.logged = null;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"context.request.id-header=", "context.request.id-header=off", "context.enabled=false"})
    void canBeSwitchedOff(String property) {
        try (TestServer off = TestServer.start(App.class, property)) {
            HttpResponse<String> response = get(off, "/id", "X-Request-Id", "mine");

            assertThat(response.body()).isEqualTo("null");
            assertThat(response.headers().firstValue("X-Request-Id")).isEmpty();
        }
    }

    @Test
    void theHeaderCanBeAnother() {
        try (TestServer other = TestServer.start(App.class, "context.request.id-header=X-Correlation-Id")) {
            HttpResponse<String> response = get(other, "/id", "X-Correlation-Id", "mine", "X-Request-Id", "other");

            assertThat(response.body()).isEqualTo("mine");
            assertThat(response.headers().firstValue("X-Correlation-Id")).hasValue("mine");
            assertThat(response.headers().firstValue("X-Request-Id")).isEmpty();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
    @RestController
    static class App {
        volatile @Nullable String leftBehind;
        volatile @Nullable String answered;
        volatile @Nullable String logged;

        @Bean
        FilterRegistrationBean<Filter> outermost() {
            FilterRegistrationBean<Filter> outermost = new FilterRegistrationBean<>((request, response, chain) -> {
                String own = logged;
                if (answered != null) {
                    ((HttpServletResponse) response).setHeader("X-Request-Id", answered);
                }
                if (own != null) {
                    MDC.put("requestId", own);
                }
                chain.doFilter(request, response);
                leftBehind =
                        Objects.equals(MDC.get("requestId"), own) ? leftBehind : String.valueOf(MDC.get("requestId"));
                MDC.remove("requestId");
            });
            outermost.setOrder(Ordered.HIGHEST_PRECEDENCE);
            return outermost;
        }

        @Bean
        FilterRegistrationBean<Filter> innermost() {
            FilterRegistrationBean<Filter> innermost = new FilterRegistrationBean<>((request, response, chain) -> {
                ((HttpServletResponse) response).setHeader("X-Seen-By-Filter", MDC.get("requestId"));
                chain.doFilter(request, response);
            });
            innermost.setDispatcherTypes(DispatcherType.ASYNC);
            innermost.setAsyncSupported(true);
            return innermost;
        }

        @Bean
        ErrorAttributes errorAttributes() {
            return new DefaultErrorAttributes() {
                @Override
                public Map<String, @Nullable Object> getErrorAttributes(
                        WebRequest request, ErrorAttributeOptions options) {
                    Map<String, @Nullable Object> attributes = super.getErrorAttributes(request, options);
                    attributes.put("id", MDC.get("requestId"));
                    return attributes;
                }
            };
        }

        @GetMapping("/id")
        String id() {
            return String.valueOf(MDC.get("requestId"));
        }

        @GetMapping("/callable")
        Callable<String> callable() {
            return () -> String.valueOf(MDC.get("requestId"));
        }

        @GetMapping("/fails")
        void fails() throws IOException {
            throw new IOException("mine");
        }

        @GetMapping("/wait")
        @ContextTimeout("300ms")
        void waits(Context context) throws InterruptedException {
            context.awaitDone();
            context.throwIfDone();
        }
    }
}
