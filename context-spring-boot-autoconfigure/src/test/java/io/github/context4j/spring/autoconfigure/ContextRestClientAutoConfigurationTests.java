package io.github.context4j.spring.autoconfigure;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.client.ContextRestClients;
import io.github.context4j.spring.propagation.MdcEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.service.HttpServiceClientPropertiesAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.service.HttpServiceClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.ImportHttpServices;

@Timeout(60)
class ContextRestClientAutoConfigurationTests {
    private final ApplicationContextRunner spring = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextRestClientAutoConfiguration.class,
                    ContextSwitchedOffAutoConfiguration.class,
                    HttpClientAutoConfiguration.class,
                    ImperativeHttpClientAutoConfiguration.class,
                    RestClientAutoConfiguration.class,
                    RestTemplateAutoConfiguration.class,
                    HttpServiceClientPropertiesAutoConfiguration.class,
                    HttpServiceClientAutoConfiguration.class))
            .withUserConfiguration(Observed.class)
            .withPropertyValues("spring.http.clients.imperative.factory=jdk", "context.dependencies.llm.timeout=100ms");

    private ServerSocket server;
    private String url;

    /** Connections wait in its queue, and hear nothing. */
    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        url = "http://localhost:" + server.getLocalPort() + "/";
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void restClientObeysTheContext() {
        spring.run(context -> {
            RestClient client = context.getBean(RestClient.Builder.class).build();
            assertThatThrownBy(() -> within(100, () -> get(client))).isInstanceOf(DeadlineExceededException.class);
            assertThat(context.getBean(Observed.class).ended).containsExactly("http GET deadline_exceeded");
        });
    }

    @Test
    void clientsObeyTheContextWhereBeansAreLazy() {
        spring.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withUserConfiguration(Services.class)
                .withPropertyValues(
                        "context.dependencies.llm.groups=answers", "spring.http.serviceclient.answers.base-url=" + url)
                .run(context -> {
                    RestClient client =
                            context.getBean(RestClient.Builder.class).build();
                    assertThatThrownBy(() -> within(100, () -> get(client)))
                            .isInstanceOf(DeadlineExceededException.class);
                    assertTimesOut(context.getBean(Answers.class)::get);
                });
    }

    /** As Spring Cloud binds them. */
    @Test
    void clientsThatAreMadeAfterThePropertiesAreBoundAnewAreAsTheOthers() {
        spring.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withPropertyValues("context.dependencies.llm.hosts=localhost")
                .run(context -> {
                    context.getBean(ContextProperties.class).getDependencies().clear();
                    RestClient client =
                            context.getBean(RestClient.Builder.class).build();
                    assertTimesOut(() -> get(client));
                });
    }

    @Test
    void restTemplateObeysTheContext() {
        spring.run(context -> {
            var client = context.getBean(RestTemplateBuilder.class).build();
            assertThatThrownBy(() -> within(100, () -> client.getForObject(url, String.class)))
                    .isInstanceOf(DeadlineExceededException.class);
        });
    }

    @Test
    void aHostSelectsItsEntry() {
        spring.withPropertyValues("context.dependencies.llm.hosts=Localhost").run(context -> {
            RestClient client = context.getBean(RestClient.Builder.class).build();
            assertTimesOut(() -> get(client));
            assertThat(context.getBean(Observed.class).ended).containsExactly("llm GET deadline_exceeded");
        });
    }

    @Test
    void aClientNamesItsDependencyWhateverItsHost() {
        spring.withPropertyValues("context.dependencies.slow.timeout=60s", "context.dependencies.slow.hosts=localhost")
                .run(context -> {
                    RestClient client = context.getBean(RestClient.Builder.class)
                            .apply(ContextRestClients.dependency("llm"))
                            .build();
                    assertTimesOut(() -> get(client));
                });
    }

    @Test
    void aNameWithoutAnEntryIsRefused() {
        spring.run(context -> {
            RestClient client = context.getBean(RestClient.Builder.class)
                    .apply(ContextRestClients.dependency("lmm"))
                    .build();
            assertThatThrownBy(() -> within(5_000, () -> get(client)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("dependency: lmm (expected: one of context.dependencies: [llm])");
        });
    }

    @Test
    void anExplicitCallGoesBeforeWhatTheClientSays() {
        spring.withPropertyValues("context.dependencies.slow.timeout=60s", "context.dependencies.slow.hosts=localhost")
                .run(context -> {
                    RestClient client =
                            context.getBean(RestClient.Builder.class).build();
                    Dependencies dependencies = context.getBean(Dependencies.class);
                    assertTimesOut(() -> dependencies.call("llm", () -> get(client)));
                    assertThat(context.getBean(Observed.class).ended).containsExactly("llm call deadline_exceeded");
                });
    }

    @Test
    void theEntryNamedHttpIsForTheRest() {
        spring.withPropertyValues("context.dependencies.http.timeout=100ms").run(context -> {
            RestClient client = context.getBean(RestClient.Builder.class).build();
            assertTimesOut(() -> get(client));
        });
    }

    interface Answers {
        @GetExchange("/")
        String get();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(group = "answers", types = Answers.class)
    static class Services {}

    @Test
    void aGroupSelectsItsEntry() {
        spring.withUserConfiguration(Services.class)
                .withPropertyValues(
                        "context.dependencies.llm.groups=answers", "spring.http.serviceclient.answers.base-url=" + url)
                .run(context -> {
                    Answers answers = context.getBean(Answers.class);
                    assertTimesOut(answers::get);
                    assertThat(context.getBean(Observed.class).ended).containsExactly("llm GET deadline_exceeded");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "groups | other | context.dependencies.llm.groups: other (expected: names of HTTP service groups, which are [answers])",
                "hosts | http://a.b | context.dependencies.llm.hosts: http://a.b (expected: host names such as api.example.org, or patterns such as *.example.org)",
                "hosts | a.example.org | context.dependencies.other.hosts: *.example.org (expected: hosts that no other entry selects; context.dependencies.llm.hosts selects a.example.org)",
                "hosts | *.org | context.dependencies.other.hosts: *.example.org (expected: hosts that no other entry selects; context.dependencies.llm.hosts selects *.org)",
                "hosts | b.net | context.dependencies.other.hosts: b.net (expected: a host that no other entry names; context.dependencies.llm.hosts names it too)",
                "groups | answers | context.dependencies.other.groups: answers (expected: a group that no other entry names; context.dependencies.llm.groups names it too)"
            })
    void selectorsThatCannotBeMeantFail(String selector, String value, String message) {
        spring.withUserConfiguration(Services.class)
                .withPropertyValues(
                        "context.dependencies.other.timeout=1s",
                        "context.dependencies.other.hosts=*.example.org,b.net",
                        "context.dependencies.other.groups=" + (message.contains("names it too") ? "answers" : ""),
                        "context.dependencies.llm." + selector + "=" + value)
                .run(context -> assertThat(rootOf(context))
                        .isInstanceOf(InvalidContextPropertyException.class)
                        .hasMessage(message));
    }

    @Test
    void selectorsAreCheckedAtStartUpWhereBeansAreLazy() {
        spring.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withPropertyValues("context.dependencies.llm.groups=other")
                .run(context -> assertThat(rootOf(context)).hasMessageContaining("which are []"));
    }

    private static Throwable rootOf(AssertableApplicationContext context) {
        return NestedExceptionUtils.getMostSpecificCause(requireNonNull(context.getStartupFailure()));
    }

    @Configuration(proxyBeanMethods = false)
    static class Own {
        @Bean
        ClientHttpRequestFactoryBuilder<?> own() {
            return ClientHttpRequestFactoryBuilder.simple();
        }
    }

    /** The builders of Spring Boot are final, so who asks for one of them gets no other. */
    @Configuration(proxyBeanMethods = false)
    static class OfItsOwnType {
        @Bean
        JdkClientHttpRequestFactoryBuilder jdk() {
            return ClientHttpRequestFactoryBuilder.jdk();
        }

        @Bean
        Class<?> built(JdkClientHttpRequestFactoryBuilder builder) {
            JdkClientHttpRequestFactory factory = builder.build();
            return factory.getClass();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OfTheFactorysType {
        @Bean
        ClientHttpRequestFactoryBuilder<JdkClientHttpRequestFactory> jdk() {
            return ClientHttpRequestFactoryBuilder.jdk();
        }

        @Bean
        Class<?> built(ClientHttpRequestFactoryBuilder<JdkClientHttpRequestFactory> builder) {
            JdkClientHttpRequestFactory factory = builder.build();
            return factory.getClass();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {OfItsOwnType.class, OfTheFactorysType.class})
    void aBuilderWhoseTypeIsAskedForKeepsIt(Class<?> configuration) {
        spring.withUserConfiguration(configuration).run(context -> assertThat(context)
                .hasNotFailed()
                .getBean("built")
                .isEqualTo(JdkClientHttpRequestFactory.class));
    }

    @Test
    void aBuilderOfTheApplicationsOwnIsGuardedToo() {
        spring.withUserConfiguration(Own.class).run(context -> {
            ClientHttpRequestFactory factory =
                    context.getBean(ClientHttpRequestFactoryBuilder.class).build();
            ContextRestClients clients = context.getBean(ContextRestClients.class);
            assertThat(factory).isNotInstanceOf(SimpleClientHttpRequestFactory.class);
            assertThat(clients.wrap(factory)).as("wrapped once").isSameAs(factory);
        });
    }

    @Test
    void aFactoryOfTheApplicationsOwnCanBeWrapped() {
        spring.run(context -> {
            ContextRestClients clients = context.getBean(ContextRestClients.class);
            RestClient client = RestClient.builder()
                    .requestFactory(clients.wrap(new JdkClientHttpRequestFactory()))
                    .build();
            assertThatThrownBy(() -> within(100, () -> get(client))).isInstanceOf(DeadlineExceededException.class);
        });
    }

    @Test
    void switchedOffNothingIsGuarded() {
        spring.withPropertyValues("context.enabled=false").run(context -> {
            assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class).build())
                    .isInstanceOf(JdkClientHttpRequestFactory.class);
            ClientHttpRequestFactory own = new SimpleClientHttpRequestFactory();
            assertThat(context.getBean(ContextRestClients.class).wrap(own)).isSameAs(own);
            assertThat(context).doesNotHaveBean(HttpSelectors.class);
        });
    }

    @Test
    void withoutHttpClientsThereIsNothing() {
        spring.withClassLoader(new FilteredClassLoader(ClientHttpRequestFactoryBuilder.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ContextRestClients.class));
    }

    @Test
    void observingCancelsNothingAndCountsWhatWouldHaveBeen() throws IOException {
        spring.withPropertyValues("context.mode=observe", "context.dependencies.llm.hosts=localhost")
                .run(context -> {
                    RestClient client =
                            context.getBean(RestClient.Builder.class).build();
                    Thread answers = new Thread(this::answerLate);
                    answers.start();
                    try (CancelableContext caller = Context.background().withCancel()) {
                        assertThat(caller.<String, RuntimeException>call(() -> get(client)))
                                .isEqualTo("late");
                    }
                    answers.join();
                    assertThat(context.getBean(Observed.class).ended).containsExactly("llm GET deadline_exceeded");
                });
    }

    @Test
    void anEntryHasItsServiceToldTheDeadlineAndTheIdOfTheRequest() {
        spring.withBean(MdcEntry.class, () -> new MdcEntry("requestId"))
                .withPropertyValues(
                        "context.dependencies.slow.timeout=10s",
                        "context.dependencies.slow.hosts=localhost",
                        "context.dependencies.slow.propagate-deadline=true",
                        "context.dependencies.slow.deadline-header=x-time-left=millis",
                        "context.dependencies.slow.propagate-request-id=true",
                        "context.request.id-header=X-Id")
                .run(context -> assertThat(headOf(context))
                        .containsPattern("(?i)x-time-left: \\d{1,4}\r")
                        .containsPattern("(?i)x-id: id-1\r"));
    }

    @Test
    void theEntryNamedHttpHasTheRestToldTheDeadline() {
        spring.withPropertyValues(
                        "context.dependencies.http.timeout=10s", "context.dependencies.http.propagate-deadline=true")
                .run(context -> assertThat(headOf(context)).containsPattern("(?i)grpc-timeout: \\d{1,8}[num]\r"));
    }

    @Test
    void nobodyIsToldByDefault() {
        spring.withBean(MdcEntry.class, () -> new MdcEntry("requestId"))
                .withPropertyValues("context.dependencies.http.timeout=10s")
                .run(context -> assertThat(headOf(context).toLowerCase(Locale.ROOT))
                        .contains("host:")
                        .doesNotContain("timeout", "id-1"));
    }

    @Test
    void aHeaderForTheDeadlineThatNamesNoFormatIsRefused() {
        spring.withPropertyValues("context.dependencies.llm.deadline-header=x-time-left")
                .run(context -> assertThat(rootOf(context))
                        .hasMessage("context.dependencies.llm.deadline-header: x-time-left (expected: grpc-timeout,"
                                + " x-envoy-expected-rq-timeout-ms, <name>=grpc or <name>=millis)"));
    }

    /** What a server hears that is called in a request with an id, with 10 s left at most. */
    private String headOf(AssertableApplicationContext context) throws Exception {
        RestClient client = context.getBean(RestClient.Builder.class).build();
        FutureTask<String> heard = new FutureTask<>(this::answer);
        new Thread(heard).start();
        MDC.put("requestId", "id-1");
        try {
            within(9_999, () -> assertThat(get(client)).isEqualTo("late"));
        } finally {
            MDC.remove("requestId");
        }
        return heard.get();
    }

    private String answer() throws IOException {
        try (var socket = server.accept()) {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) socket.getInputStream().read());
            }
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate".getBytes(US_ASCII));
            return head.toString();
        }
    }

    private void answerLate() {
        try (var socket = server.accept()) {
            Context.background().sleep(Duration.ofMillis(200)); // more than the dependency may take
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate".getBytes(US_ASCII));
            socket.getInputStream().readAllBytes();
        } catch (IOException | InterruptedException e) {
            // the test has ended
        }
    }

    private String get(RestClient client) {
        return requireNonNull(client.get().uri(url).retrieve().body(String.class));
    }

    private static void within(int millis, Context.VoidOp<RuntimeException> op) {
        Context.background().runWithin(Duration.ofMillis(millis), op);
    }

    private static void assertTimesOut(Runnable call) {
        assertThatThrownBy(() -> within(20_000, call::run))
                .isInstanceOf(ResourceAccessException.class)
                .hasCauseInstanceOf(HttpTimeoutException.class)
                .hasMessageContaining("time-out of 100 ms of dependency");
    }

    static class Observed implements ContextObserver {
        final List<String> ended = new CopyOnWriteArrayList<>();

        @Override
        public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
            ended.add(call.dependency().name() + " " + call.operation() + " " + outcome.tag());
        }
    }
}
