package io.github.context4j;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
final class DeadlineTests {
    private static final Duration CENTURY = Duration.ofDays(100 * 365);

    /** A clock that runs over the end of its numbers in one second. */
    private final ManualTime time = new ManualTime(Long.MAX_VALUE - ofSeconds(1).toNanos());

    @Test
    void countsDownToTheInstant() {
        Deadline deadline = in(ofSeconds(3));

        assertThat(deadline.remaining()).isEqualTo(ofSeconds(3));
        time.advance(ofSeconds(2));
        assertThat(deadline.remaining()).isEqualTo(ofSeconds(1));
        assertThat(deadline.isExpired()).isFalse();
        assertThat(deadline).hasToString("Deadline[in PT1S]");
        time.advance(ofSeconds(1));
        assertThat(deadline.isExpired()).isTrue();
        assertThat(deadline.remaining()).isZero();
        time.advance(ofSeconds(1));

        assertThat(deadline.remaining()).isZero();
        assertThat(deadline.remaining(TimeUnit.SECONDS)).isZero();
        assertThat(deadline).hasToString("Deadline[in PT-1S]");
    }

    @Test
    void roundsTheRemainingTimeUp() {
        assertThat(in(ofNanos(1)).remaining(TimeUnit.NANOSECONDS)).isEqualTo(1);
        assertThat(in(ofNanos(1)).remaining(TimeUnit.MILLISECONDS)).isEqualTo(1);
        assertThat(in(ofNanos(1)).remaining(TimeUnit.DAYS)).isEqualTo(1);
        assertThat(in(ofSeconds(1)).remaining(TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(in(ofMillis(1001)).remaining(TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(in(ofMillis(1999)).remaining(TimeUnit.MILLISECONDS)).isEqualTo(1999);
        assertThat(in(CENTURY).remaining(TimeUnit.DAYS)).isEqualTo(36_500);
    }

    @Test
    void isComparedByTimeAcrossTheOverflowOfTheClock() {
        Deadline before = in(ofMillis(900));
        Deadline after = in(ofMillis(1100));

        assertThat(before).isLessThan(after);
        assertThat(after).isGreaterThan(before);
        assertThat(before.earlier(after)).isSameAs(before);
        assertThat(after.earlier(before)).isSameAs(before);
        time.advance(ofSeconds(1));
        assertThat(before.isExpired()).isTrue();
        assertThat(after.remaining()).isEqualTo(ofMillis(100));
    }

    @Test
    void isEqualToTheSameInstantOfTheSameClock() {
        Deadline deadline = in(ofSeconds(2));
        Deadline other = new ManualTime(Long.MAX_VALUE - ofSeconds(1).toNanos())
                .root()
                .withTimeout(ofSeconds(2))
                .deadline();

        time.advance(ofSeconds(1));
        assertThat(in(ofSeconds(1)))
                .isEqualTo(deadline)
                .hasSameHashCodeAs(deadline)
                .isEqualByComparingTo(deadline);
        assertThat(in(ofSeconds(2))).isNotEqualTo(deadline);
        assertThat(deadline.equals(other)).isFalse();
        assertThat(deadline.equals(null)).isFalse();
        assertThatThrownBy(() -> deadline.compareTo(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("different clocks");
    }

    @Test
    void isAtMostAHundredYearsAway() {
        for (Duration long_ : List.of(CENTURY, CENTURY.plusNanos(1), Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))) {
            assertThat(in(long_).remaining()).isEqualTo(CENTURY);
            assertThat(Deadline.after(long_).remaining()).isBetween(CENTURY.minusMinutes(1), CENTURY);
        }
        for (Duration past : List.of(CENTURY.negated(), CENTURY.negated().minusNanos(1), ofSeconds(Long.MIN_VALUE))) {
            assertThat(in(past).isExpired()).isTrue();
            assertThat(in(past)).isLessThan(in(CENTURY));
            assertThat(in(past)).isLessThan(in(Duration.ZERO));
        }
        assertThat(in(CENTURY.minusNanos(1)).remaining()).isEqualTo(CENTURY.minusNanos(1));
    }

    @Test
    void isTranslatedFromAndToTheWallClock() {
        Instant start = Instant.now();
        Deadline deadline = Deadline.at(start.plusSeconds(60));

        assertThat(deadline.remaining()).isBetween(ofSeconds(50), ofSeconds(60));
        assertThat(Duration.between(start.plusSeconds(60), deadline.toInstant()).abs())
                .isLessThan(ofSeconds(2));
        assertThat(Deadline.at(start.minusSeconds(1)).isExpired()).isTrue();
        assertThat(Deadline.at(Instant.MAX).remaining()).isBetween(CENTURY.minusMinutes(1), CENTURY);
        assertThat(Deadline.at(Instant.MIN).isExpired()).isTrue();
        assertThat(in(ofSeconds(5)).toInstant()).isEqualTo(Instant.EPOCH.plusSeconds(5));
    }

    @Test
    void armsATimerThatFiresAcrossTheOverflowOfTheClock() {
        CancelableContext early = time.root().withTimeout(ofMillis(900));
        CancelableContext late = time.root().withTimeout(ofMillis(1100));

        time.advance(ofMillis(1099));
        assertThat(early.isDone()).isTrue();
        assertThat(late.isDone()).isFalse();
        time.advance(ofMillis(1));

        assertThat(late.isDone()).isTrue();
    }

    private Deadline in(Duration duration) {
        return Deadline.after(duration, ((BaseContext) time.root()).ticker());
    }
}
