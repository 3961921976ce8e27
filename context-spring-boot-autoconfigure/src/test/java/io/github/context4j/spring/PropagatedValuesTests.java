package io.github.context4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PropagatedValuesTests {
    private final PropagatedValues values = new PropagatedValues(List.of("tenant", "plan"));

    private @Nullable String tenant(String... headers) {
        return values.read(List.of(headers), Context.background()).get(values.key("tenant"));
    }

    private String written(String tenant, String... existing) {
        return values.write(Context.background().withValue(values.key("tenant"), tenant), List.of(existing));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "acme | tenant=acme",
                "a b,c;d=e%\"\\ | tenant=a%20b%2Cc%3Bd=e%25%22%5C",
                "größe€ | tenant=gr%C3%B6%C3%9Fe%E2%82%AC",
                "'' | tenant=",
            })
    void whatIsWrittenIsRead(String value, String member) {
        assertThat(written(value)).isEqualTo(member);
        assertThat(tenant(member)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tenant=a",
                " tenant\t= a ; ttl=5;x",
                "other=1,tenant=a",
                ",,=,==,tenant=a,",
                "tenant=%zz,tenant=a",
                "tenant=a,tenant=b"
            })
    void readsTheFirstThatIsWrittenAsItShouldBe(String header) {
        assertThat(tenant(header)).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tenant",
                "Tenant=a",
                "xtenant=a",
                "tenant=a b",
                "tenant=%",
                "tenant=%4",
                "tenant=%4g",
                "tenant=%-1",
                "tenant=%FF",
                "tenant=%C3",
                "tenant=a%0D%0Ab",
                "tenant=a%00",
                "tenant=%C2%85",
                "tenant=\u0661",
                "tenant=\"a\"",
                "tenant=a\u0000"
            })
    void garbageIsIgnored(String header) {
        assertThat(tenant(header)).isNull();
    }

    @Test
    void noGarbageFails() {
        Random random = new Random(4711);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder header = new StringBuilder("tenant=");
            for (int length = random.nextInt(12); length > 0; length--) {
                header.append("%,;= a4F\u00e9\u0007".charAt(random.nextInt(10)));
            }
            values.read(List.of(header.toString()), Context.background());
        }
    }

    @Test
    void severalHeadersAreOne() {
        assertThat(tenant("other=1", "tenant=a")).isEqualTo("a");
    }

    @Test
    void whatIsBeyondTheLimitsIsNotRead() {
        assertThat(tenant("x=1,".repeat(63) + "tenant=a")).isEqualTo("a");
        assertThat(tenant("x=1,".repeat(64) + "tenant=a")).isNull();
        assertThat(tenant("tenant=" + "a".repeat(8_192 - 7))).hasSize(8_185);
        assertThat(tenant("tenant=" + "a".repeat(8_192 - 6))).isNull();
        assertThat(tenant("x=" + "a".repeat(8_180), "tenant=ab")).isEqualTo("ab");
        assertThat(tenant("x=" + "a".repeat(8_180), "tenant=abcdef")).isNull();
    }

    @Test
    void whatThereIsNoRoomForIsNotWritten() {
        assertThat(written("a".repeat(8_192 - 9))).hasSize(8_190);
        assertThat(written("a".repeat(8_192 - 8))).isEmpty();
        assertThat(written("a", String.join(",", Collections.nCopies(63, "x=1"))))
                .isEqualTo("tenant=a");
        assertThat(written("a", String.join(",", Collections.nCopies(64, "x=1"))))
                .isEmpty();
    }

    @Test
    void whatIsThereAlreadyStays() {
        assertThat(written("a", "x=1, tenant=b")).isEmpty();
        assertThat(written("a", "xtenant=b")).isEqualTo("tenant=a");
    }

    @Test
    void severalValuesAreOneHeader() {
        Context context =
                Context.background().withValue(values.key("plan"), "gold").withValue(values.key("tenant"), "acme");
        assertThat(values.write(context, List.of())).isEqualTo("tenant=acme,plan=gold");
    }

    @Test
    void aNameThatIsNotDeclaredIsRefused() {
        assertThatThrownBy(() -> values.key("user"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name: user (expected: one of context.propagation.keys: [tenant, plan])");
    }

    @Test
    void switchedOffEveryNameIsKnownAndNothingTravels() {
        PropagatedValues off = PropagatedValues.switchedOff();
        assertThat(off.key("any")).isSameAs(off.key("any"));
        assertThat(off.isEmpty()).isTrue();
        assertThat(off.write(Context.background().withValue(off.key("any"), "a"), List.of()))
                .isEmpty();
        assertThat(off.read(List.of("any=a"), Context.background()).get(off.key("any")))
                .isNull();
    }
}
