package io.github.context4j.spring.autoconfigure;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Says what to write for a {@code context.*} property that cannot be read at all, such as a malformed duration. */
final class MalformedContextPropertyFailureAnalyzer extends AbstractFailureAnalyzer<BindException> implements Ordered {
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("context");

    private final Environment environment;

    MalformedContextPropertyFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, BindException cause) {
        ConfigurationProperty property = cause.getProperty();
        ConfigurationPropertyName name = property == null ? cause.getName() : property.getName();
        if (!PREFIX.isAncestorOf(name)) {
            return null;
        }
        Class<?> type = cause.getTarget().getType().resolve(Object.class);
        if (isSection(type)) {
            Object value = property == null ? environment.getProperty(name.toString()) : property.getValue();
            String below = type == ContextProperties.Entry.class
                    ? ".timeout to a duration such as 200ms"
                    : ".<name> to a value";
            return new FailureAnalysis(
                    name + ": " + (value == null ? "a value" : "'" + value + "'") + " (expected: settings below it)",
                    "Set " + name + below + ", or remove " + name + ". If it is a setting of the application's own,"
                            + " context.enabled=false keeps this library out.",
                    root);
        }
        if (property == null) {
            return null;
        }
        String expected = expected(type);
        return new FailureAnalysis(
                name + ": " + property.getValue() + " (expected: " + expected + ")",
                "Set " + name + " to " + expected + ", or remove it.",
                root);
    }

    /** What has no value itself. One that is empty, as when all that was below it in YAML is commented out, has an empty one. */
    private static boolean isSection(Class<?> type) {
        return type == Map.class
                || type == ContextProperties.class
                || (type.getEnclosingClass() == ContextProperties.class && !type.isEnum());
    }

    private static String expected(Class<?> type) {
        if (type == Duration.class) {
            return "a duration such as 200ms, 30s or 5m";
        }
        if (type.isEnum()) {
            return Stream.of(type.getEnumConstants())
                    .map(constant ->
                            constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return "a value of type " + type.getSimpleName();
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1;
    }
}
