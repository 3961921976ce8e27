package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.Mode;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What IDEs know of our settings. */
class ConfigurationMetadataTests {
    private static final Set<String> WITHOUT_DEFAULT =
            Set.of("context.dependencies", "context.request.timeout", "context.request.min-budget");

    private JsonNode generated;
    private Map<String, JsonNode> properties;

    @BeforeEach
    void read() throws Exception {
        generated = json("spring-configuration-metadata.json");
        properties = byName(generated.get("properties"));
    }

    private static JsonNode json(String name) throws Exception {
        Path classes = Path.of(ContextProperties.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        return new JsonMapper()
                .readTree(classes.resolve("META-INF").resolve(name).toFile());
    }

    private static Map<String, JsonNode> byName(JsonNode items) {
        Map<String, JsonNode> named = new TreeMap<>();
        items.forEach(item -> named.put(item.get("name").asString(), item));
        return named;
    }

    /** The keys of a bean's fields, those of nested beans among them. */
    private static List<String> keys(String prefix, Class<?> type) {
        List<String> keys = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            String key = prefix + "." + ConfigurationPropertyName.adapt(dashed(field.getName()), '.');
            boolean nested = field.getType().getEnclosingClass() == type
                    && !field.getType().isEnum();
            keys.addAll(nested ? keys(key, field.getType()) : List.of(key));
        }
        return keys;
    }

    private static String dashed(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void everySettingHasADescriptionAndADefault() {
        List<String> keys = keys("context", ContextProperties.class);
        assertThat(keys).contains("context.mode", "context.request.cancel-on-disconnect", "context.zombies.after");
        assertThat(properties.keySet()).containsAll(keys);
        properties.forEach((key, property) -> {
            assertThat(property.path("description").asString("")).as(key).endsWith(".");
            assertThat(property.has("defaultValue")).as(key).isEqualTo(!WITHOUT_DEFAULT.contains(key));
        });
    }

    @Test
    void theDefaultsThatAreAddedByHandAreThoseOfTheCode() {
        assertThat(requireNonNull(properties.get("context.request.deadline-headers"))
                        .get("defaultValue")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactlyElementsOf(new ContextProperties().getRequest().getDeadlineHeaders());
    }

    @Test
    void everyGroupOfOursHasADescription() {
        generated.get("groups").forEach(group -> {
            String name = group.get("name").asString();
            assertThat(!name.startsWith("context") || group.has("description"))
                    .as(name)
                    .isTrue();
        });
    }

    @Test
    void whatIsAddedByHandIsAboutSettingsThatThereAre() throws Exception {
        JsonNode additional = json("additional-spring-configuration-metadata.json");
        List<String> known = new ArrayList<>(properties.keySet());
        known.add("context.dependencies.keys");
        assertThat(known).containsAll(byName(additional.get("hints")).keySet());
        assertThat(known).containsAll(byName(additional.get("properties")).keySet());
        assertThat(byName(generated.get("groups")).keySet())
                .containsAll(byName(additional.get("groups")).keySet())
                .hasSize(generated.get("groups").size());
        assertThat(byName(generated.get("hints"))).isEqualTo(byName(additional.get("hints")));
    }

    @Test
    void hintsNameEveryValueThereIs() {
        Map<String, Class<? extends Enum<?>>> enums = Map.of(
                "context.mode", Mode.class,
                "context.request.cancel-on-disconnect", ContextProperties.CancelOnDisconnect.class,
                "management.endpoint.contexts.access", Access.class);
        Map<String, JsonNode> hints = byName(generated.get("hints"));
        enums.forEach((key, type) -> assertThat(requireNonNull(hints.get(key))
                        .get("values")
                        .valueStream()
                        .map(value -> value.get("value").asString()))
                .as(key)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(type.getEnumConstants())
                        .map(constant ->
                                constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList()));
    }
}
