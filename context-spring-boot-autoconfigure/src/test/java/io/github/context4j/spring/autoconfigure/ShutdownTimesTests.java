package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.mock.env.MockEnvironment;

class ShutdownTimesTests {
    @ParameterizedTest
    @CsvSource(textBlock = """
                    # grace period, phase, shutdown  | grace period, phase
                    ,               ,      ,           30s,          32s
                    5s,             ,      ,           5s,           30s
                    60s,            ,      ,           60s,          62s
                    ,               10s,   ,           9s,           10s
                    ,               25s,   ,           23s,          25s
                    ,               90s,   ,           30s,          90s
                    20s,            10s,   ,           20s,          22s
                    20s,            90s,   graceful,   20s,          90s
                    ,               ,      immediate,  0s,           30s
                    20s,            10s,   immediate,  20s,          22s
                    """)
    void whatIsSetDecides(
            String gracePeriod, String phase, String shutdown, String expectedGrace, String expectedPhase) {
        MockEnvironment environment = new MockEnvironment();
        set(environment, "context.shutdown.grace-period", gracePeriod);
        set(environment, "spring.lifecycle.timeout-per-shutdown-phase", phase);
        set(environment, "server.shutdown", shutdown);
        Duration property = gracePeriod == null ? Duration.ofSeconds(30) : DurationStyle.detectAndParse(gracePeriod);

        assertThat(ShutdownTimes.of(property, environment, false))
                .isEqualTo(new ShutdownTimes(
                        DurationStyle.detectAndParse(expectedGrace),
                        DurationStyle.detectAndParse(expectedPhase),
                        "immediate".equals(shutdown)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    # grace period, phase, gRPC's grace period  | grace period, phase
                    ,               ,      ,                      28s,          30s
                    ,               ,      10,                    9s,           30s
                    ,               ,      90s,                   30s,          32s
                    ,               ,      -1,                    30s,          32s
                    ,               ,      0,                     30s,          32s
                    ,               10s,   ,                      9s,           10s
                    30s,            ,      ,                      30s,          32s
                    """)
    void aServerOfSpringGrpcWaitsForItsCallsInItsOwnTime(
            String gracePeriod, String phase, String grpc, String expectedGrace, String expectedPhase) {
        MockEnvironment environment = new MockEnvironment();
        set(environment, "context.shutdown.grace-period", gracePeriod);
        set(environment, "spring.lifecycle.timeout-per-shutdown-phase", phase);
        set(environment, "spring.grpc.server.shutdown.grace-period", grpc);

        assertThat(ShutdownTimes.of(Duration.ofSeconds(30), environment, true))
                .isEqualTo(new ShutdownTimes(
                        DurationStyle.detectAndParse(expectedGrace),
                        DurationStyle.detectAndParse(expectedPhase),
                        false));
    }

    private static void set(MockEnvironment environment, String key, String value) {
        if (value != null) {
            environment.setProperty(key, value);
        }
    }
}
