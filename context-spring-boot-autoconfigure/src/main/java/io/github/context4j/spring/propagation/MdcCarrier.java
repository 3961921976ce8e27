package io.github.context4j.spring.propagation;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Takes along SLF4J's MDC as a whole. */
public final class MdcCarrier implements Carrier {

    @Override
    public Load capture() {
        Map<String, String> entries = MDC.getCopyOfContextMap();
        return () -> open(entries);
    }

    /** Also where there is nothing to give: what the task puts there is taken back. */
    private static Context.Scope open(@Nullable Map<String, String> entries) {
        Map<String, String> before = MDC.getCopyOfContextMap();
        set(entries);
        return () -> set(before);
    }

    private static void set(@Nullable Map<String, String> entries) {
        if (entries == null || entries.isEmpty()) {
            MDC.clear();
        } else {
            MDC.setContextMap(entries);
        }
    }
}
