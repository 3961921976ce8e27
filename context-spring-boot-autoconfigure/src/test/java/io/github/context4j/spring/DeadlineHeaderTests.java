package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineHeaderTests {
    @ParameterizedTest
    @CsvSource({
        "1H, PT1H",
        "2M, PT2M",
        "3S, PT3S",
        "250m, PT0.25S",
        "5u, PT0.000005S",
        "7n, PT0.000000007S",
        "00000001S, PT1S",
        "99999999n, PT0.099999999S",
        "99999999H, PT99999999H",
        "0S, PT0S",
    })
    void readsTheFormatOfGrpc(String value, Duration time) {
        assertThat(DeadlineHeader.Format.GRPC.read(value)).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.000000001S, 1n",
        "PT0.099999999S, 99999999n",
        "PT0.1S, 100000u",
        "PT0.1000009S, 100000u",
        "PT99.999999S, 99999999u",
        "PT100S, 100000m",
        "PT99999.9999S, 99999999m",
        "PT100000.9S, 100000S",
        "PT99999999S, 99999999S",
        "PT100000000S, 1666666M",
        "PT876000H, 52560000M",
        "PT2540400H, 2540400H",
        "PT0S, ",
        "PT-1S, ",
    })
    void writesTheFormatOfGrpcRoundedDown(Duration time, @Nullable String value) {
        assertThat(DeadlineHeader.Format.GRPC.write(time)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"PT0.001S, 1", "PT0.0019S, 1", "PT1H, 3600000", "PT0.000999999S, ", "PT0S, ", "PT-1S, "})
    void writesMillisecondsRoundedDownAndNever0(Duration time, @Nullable String value) {
        assertThat(DeadlineHeader.Format.MILLIS.write(time)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "S",
                "m",
                "-1S",
                "+1S",
                "1s",
                "1h",
                "1 S",
                " 1S",
                "1S ",
                "1.5S",
                "1e3m",
                "0x1S",
                "1mS",
                "1ms",
                "S1",
                "123456789m",
                "000000001S",
                "99999999999999999999S",
                "1S,2S",
                "1S;2S",
                "١S",
                "1\u0000S",
                "1Ｓ",
                "infinite"
            })
    void takesWhatIsNotOfGrpcForNoTime(String value) {
        assertThat(DeadlineHeader.Format.GRPC.read(value)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"1, PT0.001S", "15000, PT15S", "007, PT0.007S", "999999999999999999, PT999999999999999.999S"})
    void readsMilliseconds(String value, Duration time) {
        assertThat(DeadlineHeader.Format.MILLIS.read(value)).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "000",
                "-1",
                "+1",
                "1ms",
                "1.5",
                "1e3",
                "0x10",
                " 1",
                "1 ",
                "1,2",
                "1 2",
                "١",
                "NaN",
                "9223372036854775807",
                "9223372036854775808",
                "99999999999999999999999999",
                "infinite"
            })
    void takesWhatIsNoNumberOfMillisecondsForNoTime(String value) {
        assertThat(DeadlineHeader.Format.MILLIS.read(value)).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void takesAnythingAndNeverGivesANegativeTime(DeadlineHeader.Format format) {
        Random random = new Random(20261121);
        String likely = "0123456789HMSmun-+ .,e\t";
        int times = 0;
        for (int i = 0; i < 10_000; i++) {
            StringBuilder value = new StringBuilder();
            int length = random.nextInt(i % 100 == 0 ? 9_000 : 12);
            for (int c = 0; c < length; c++) {
                boolean odd = random.nextInt(20) == 0;
                value.append(
                        odd
                                ? (char) random.nextInt(0x10000)
                                : likely.charAt(random.nextInt(random.nextInt(2) * 13 + 10)));
            }
            Duration time = format.read(value.toString());
            if (time != null) {
                times++;
                assertThat(time).as(value.toString()).isGreaterThanOrEqualTo(Duration.ZERO);
                assertThat(time.toMillis()).isNotNegative(); // what messages say does not overflow
            }
        }
        assertThat(times).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "grpc-timeout, grpc-timeout, GRPC",
        "Grpc-Timeout, Grpc-Timeout, GRPC",
        "x-envoy-expected-rq-timeout-ms, x-envoy-expected-rq-timeout-ms, MILLIS",
        "X-Time-Left=millis, X-Time-Left, MILLIS",
        "X-Time-Left=grpc, X-Time-Left, GRPC",
        "grpc-timeout=millis, grpc-timeout, MILLIS",
    })
    void aSettingNamesAHeaderAndItsFormat(String setting, String name, DeadlineHeader.Format format) {
        assertThat(DeadlineHeader.parse(setting)).isEqualTo(new DeadlineHeader(name, format));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x-time-left",
                "x-time-left=",
                "x-time-left=seconds",
                "=grpc",
                "x time=grpc",
                "x:y=grpc",
                "é=grpc",
                "x-time-left=Grpc",
                "x=y=grpc"
            })
    void otherSettingsAreRefused(String setting) {
        assertThatThrownBy(() -> DeadlineHeader.parse(setting))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }

    @Test
    void aCauseTellsWhoseDeadlineItWas() {
        RequestTimeoutException callers = RequestTimeoutException.ofCaller(Duration.ofMillis(20));
        RequestTimeoutException ours = new RequestTimeoutException(Duration.ofMillis(20));

        assertThat(callers).hasMessage("caller's deadline of 20 ms");
        assertThat(ContextEndedReason.tagOf(callers)).isEqualTo("caller_deadline");
        assertThat(callers.isCallers()).isTrue();
        assertThat(ours).hasMessage("request time-out of 20 ms");
        assertThat(ContextEndedReason.tagOf(ours)).isEqualTo("request_timeout");
        assertThat(ours.isCallers()).isFalse();
    }
}
