package io.github.context4j.spring.propagation;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Takes along SLF4J's MDC as a whole. */
public final class MdcCarrier implements Carrier {

    @Override
    public @Nullable Load capture() {
        Map<String, String> entries = MDC.getCopyOfContextMap();
        return entries == null || entries.isEmpty() ? null : () -> open(entries);
    }

    private static Context.Scope open(Map<String, String> entries) {
        Map<String, String> before = MDC.getCopyOfContextMap();
        MDC.setContextMap(entries);
        return () -> putBack(before);
    }

    private static void putBack(@Nullable Map<String, String> before) {
        if (before == null || before.isEmpty()) {
            MDC.clear();
        } else {
            MDC.setContextMap(before);
        }
    }
}
