package io.github.context4j.spring;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How values are written in a header of the W3C's {@code baggage}: in UTF-8, percent-encoded. */
final class Baggage {
    private Baggage() {}

    static String encode(String value) {
        StringBuilder encoded = new StringBuilder(value.length());
        for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(octet) && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit((octet >> 4) & 0xF, 16)))
                        .append(Character.toUpperCase(Character.forDigit(octet & 0xF, 16)));
            }
        }
        return encoded.toString();
    }

    /** The value, null if {@code encoded} is none, or one that could harm a log or a header. Never throws. */
    static @Nullable String decode(String encoded) {
        ByteBuffer octets = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            int octet = encoded.charAt(i);
            if (octet == '%') {
                octet = i + 2 < encoded.length() ? hex(encoded.charAt(i + 1)) * 16 + hex(encoded.charAt(i + 2)) : -1;
                i += 2;
            } else if (!isPlain(octet)) {
                return null;
            }
            if (octet < 0) {
                return null;
            }
            octets.put((byte) octet);
        }
        try {
            String value =
                    StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
            return value.chars().anyMatch(Character::isISOControl) ? null : value;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** So much less than 0 that it stays so. */
    private static int hex(char digit) {
        int value = digit < 128 ? Character.digit(digit, 16) : -1;
        return value < 0 ? -1_000 : value;
    }

    /** A baggage-octet of the recommendation. */
    private static boolean isPlain(int octet) {
        return octet > ' ' && octet < 127 && octet != '"' && octet != ',' && octet != ';' && octet != '\\';
    }
}
