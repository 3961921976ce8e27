package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request header in which a caller says how long it will wait from now.
 *
 * @param name the name of the header, a token of RFC 9110; case does not matter
 * @param format how the time is written
 */
public record DeadlineHeader(String name, Format format) {

    /** How a time is written in a header. What is not written exactly so is no time. */
    public enum Format {
        /** As gRPC does: 1 to 8 digits and one of the units H, M, S, m, u, n. 0 says that the time is over. */
        GRPC {
            @Override
            public @Nullable Duration read(String value) {
                int digits = value.length() - 1;
                ChronoUnit unit = digits < 1 || digits > 8 ? null : unit(value.charAt(digits));
                return unit == null || !isNumber(value, digits)
                        ? null
                        : Duration.of(Long.parseLong(value.substring(0, digits)), unit);
            }

            @Override
            public @Nullable String write(Duration time) {
                long nanos = time.toNanos();
                String units = "numSMH";
                int finest = 0;
                while (nanos / unitNanos(units, finest) > MAX_GRPC) {
                    finest++;
                }
                return nanos <= 0 ? null : nanos / unitNanos(units, finest) + units.substring(finest, finest + 1);
            }

            private static long unitNanos(String units, int index) {
                return requireNonNull(unit(units.charAt(index))).getDuration().toNanos();
            }
        },
        /** As Envoy does: milliseconds, 1 to 18 digits. 0, with which Envoy says that there is no limit, is no time. */
        MILLIS {
            @Override
            public @Nullable Duration read(String value) {
                int digits = value.length();
                long millis = digits < 1 || digits > 18 || !isNumber(value, digits) ? 0 : Long.parseLong(value);
                return millis == 0 ? null : Duration.ofMillis(millis);
            }

            @Override
            public @Nullable String write(Duration time) {
                long millis = time.toMillis();
                return millis <= 0 ? null : String.valueOf(millis);
            }
        };

        /** The time that {@code value} says, null if it says none. Never throws. */
        public abstract @Nullable Duration read(String value);

        /**
         * What says {@code time}, rounded down: who reads it waits no longer than who wrote it. Null if that would be 0.
         *
         * @param time at most 292 years
         */
        public abstract @Nullable String write(Duration time);

        private static final long MAX_GRPC = 99_999_999;

        private static @Nullable ChronoUnit unit(char letter) {
            return switch (letter) {
                case 'H' -> ChronoUnit.HOURS;
                case 'M' -> ChronoUnit.MINUTES;
                case 'S' -> ChronoUnit.SECONDS;
                case 'm' -> ChronoUnit.MILLIS;
                case 'u' -> ChronoUnit.MICROS;
                case 'n' -> ChronoUnit.NANOS;
                default -> null;
            };
        }

        private static boolean isNumber(String value, int digits) {
            for (int i = 0; i < digits; i++) {
                if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                    return false;
                }
            }
            return true;
        }
    }

    public DeadlineHeader {
        requireNonNull(format, "format");
        if (!isToken(requireNonNull(name, "name"))) {
            throw new IllegalArgumentException("name: " + name + " (expected: the name of a header)");
        }
    }

    /**
     * The header that a setting names: {@code grpc-timeout}, {@code x-envoy-expected-rq-timeout-ms}, or another name with its
     * format, as {@code x-time-left=millis} or {@code x-time-left=grpc}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static DeadlineHeader parse(String setting) {
        int equals = setting.indexOf('=');
        String name = equals < 0 ? setting : setting.substring(0, equals);
        String format = equals < 0 ? wellKnown(name) : setting.substring(equals + 1);
        return switch (format) {
            case "grpc" -> new DeadlineHeader(name, Format.GRPC);
            case "millis" -> new DeadlineHeader(name, Format.MILLIS);
            default -> throw new IllegalArgumentException("setting: " + setting + " (expected: <name>=grpc|millis)");
        };
    }

    private static String wellKnown(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "grpc-timeout" -> "grpc";
            case "x-envoy-expected-rq-timeout-ms" -> "millis";
            default -> "";
        };
    }

    /** Whether {@code name} can be the name of a header: a token of RFC 9110. */
    public static boolean isToken(String name) {
        return !name.isEmpty() && name.chars().allMatch(DeadlineHeader::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
}
