package io.github.context4j.spring.autoconfigure;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;

/** Says what to write for a {@code context.*} property that cannot be read at all, such as a malformed duration. */
final class MalformedContextPropertyFailureAnalyzer extends AbstractFailureAnalyzer<BindException> implements Ordered {
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("context");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, BindException cause) {
        if (!PREFIX.isAncestorOf(cause.getName()) || cause.getProperty() == null) {
            return null;
        }
        Class<?> type = cause.getTarget().getType().resolve(Object.class);
        String expected = expected(type);
        return new FailureAnalysis(
                cause.getName() + ": " + cause.getProperty().getValue() + " (expected: " + expected + ")",
                "Set " + cause.getName() + " to " + expected + ", or remove it.",
                root);
    }

    private static String expected(Class<?> type) {
        if (type == Duration.class) {
            return "a duration such as 200ms, 30s or 5m";
        }
        if (type.isEnum()) {
            StringBuilder names = new StringBuilder("one of");
            for (Object constant : type.getEnumConstants()) {
                names.append(' ')
                        .append(constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'));
            }
            return names.toString();
        }
        return "a value of type " + type.getSimpleName();
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1;
    }
}
