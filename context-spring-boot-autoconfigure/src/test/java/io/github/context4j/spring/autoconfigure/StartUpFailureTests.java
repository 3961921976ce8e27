package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What a user reads when the application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class StartUpFailureTests {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "context.request.timeout | -5s | context.request.timeout: -5s (expected: > 0)",
                "context.request.timeout | 0s | context.request.timeout: 0s (expected: > 0)",
                "context.request.timeout | soon | context.request.timeout: soon (expected: a duration such as 200ms, 30s or 5m)",
                "context.request.cancel-on-disconnect | maybe | "
                        + "context.request.cancel-on-disconnect: maybe (expected: one of all, safe-methods, off)",
                "context.request | '' | context.request: '' (expected: settings below it)",
                "context.request | 5s | context.request: '5s' (expected: settings below it)",
                "context.dependencies | db | context.dependencies: 'db' (expected: settings below it)",
                "context.dependencies.db | 5s | context.dependencies.db: '5s' (expected: settings below it)",
                "context.dependencies.db | '' | context.dependencies.db.timeout: (not set) (expected: a duration > 0)",
                "context.mode | watch | context.mode: watch (expected: one of enforce, observe)",
                "context.dependencies.db.timeout | 0ms | context.dependencies.db.timeout: 0s (expected: > 0)",
                "context.dependencies.db.timeout | 1 parsec | "
                        + "context.dependencies.db.timeout: 1 parsec (expected: a duration such as 200ms, 30s or 5m)",
                "context.dependencies.request.timeout | 2s | "
                        + "context.dependencies: request (expected: another name: metrics have this one for requests)",
                "context.dependencies.db.data-sources | main | context.dependencies.db.timeout: (not set) (expected: a duration > 0)",
                "context.jdbc.abort-after | -1s | context.jdbc.abort-after: -1s (expected: > 0)",
                "context.request.min-budget | 0s | context.request.min-budget: 0s (expected: > 0)",
                "context.request.deadline-headers | x-time-left | context.request.deadline-headers: x-time-left "
                        + "(expected: grpc-timeout, x-envoy-expected-rq-timeout-ms, <name>=grpc or <name>=millis)",
                "context.request.id-header | X Id | context.request.id-header: X Id (expected: the name of a header, or off)",
                "context.unclosed.sample-every | -1 | context.unclosed.sample-every: -1 (expected: >= 0)",
                "context.shutdown.grace-period | 0 | context.shutdown.grace-period: 0s (expected: > 0)",
            })
    void aWrongSettingFailsAtStartUpAndSaysWhatIsExpected(
            String key, String value, String message, CapturedOutput output) {
        assertThatThrownBy(() -> start(Plain.class, "--" + key + "=" + value)).isNotNull();

        assertThat(output).contains("Description:\n\n" + message + "\n\nAction:\n\nSet context.");
    }

    @Test
    void askingForAContextBeanFailsWithWhatToWriteInstead(CapturedOutput output) {
        assertThatThrownBy(() -> start(WantsContext.class)).isNotNull();

        assertThat(output)
                .contains("There is no such bean")
                .contains("needsContext")
                .contains("handler(Context ctx, ...)")
                .contains("Context.current()");
    }

    private static void start(Class<?> configuration, String... arguments) {
        new SpringApplicationBuilder(configuration)
                .web(WebApplicationType.NONE)
                .run(arguments)
                .close();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(ContextAutoConfiguration.class)
    static class Plain {}

    @Configuration(proxyBeanMethods = false)
    static class WantsContext {
        @Bean
        Object needsContext(Context context) {
            return context;
        }
    }
}
