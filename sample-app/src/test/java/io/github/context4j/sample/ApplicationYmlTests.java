package io.github.context4j.sample;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.autoconfigure.ContextProperties;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ApplicationYmlTests {
    @Test
    void everySettingIsShownAndTheDefaultsAreAsTheyAre() throws Exception {
        Properties shown = yml();
        List<JsonNode> settings = settings();
        assertThat(settings).isNotEmpty();
        for (JsonNode setting : settings) {
            String name = setting.get("name").asString();
            if (setting.get("type").asString().startsWith(Map.class.getName())) {
                assertThat(shown.stringPropertyNames()).as(name).anyMatch(key -> key.startsWith(name + "."));
            } else {
                assertThat(shown).as(name).containsKey(name);
            }
            if (setting.has("defaultValue")) {
                assertThat(shown.get(name)).as(name).hasToString(asWritten(setting.get("defaultValue")));
            }
        }
    }

    @Test
    void theTableOfSettingsHasEachOfThem() throws Exception {
        String table = Files.readString(
                Path.of("").toAbsolutePath().resolveSibling("docs").resolve("settings.md"));
        for (JsonNode setting : settings()) {
            String name = setting.get("name").asString();
            if (setting.get("type").asString().startsWith(Map.class.getName())) {
                continue;
            }
            String line = "| `" + name + "` | ";
            assertThat(table)
                    .contains(
                            setting.has("defaultValue")
                                            && !asWritten(setting.get("defaultValue"))
                                                    .isEmpty()
                                    ? line + "`" + asWritten(setting.get("defaultValue")) + "` |"
                                    : line + "none |");
        }
        for (Field field : ContextProperties.Entry.class.getDeclaredFields()) {
            assertThat(table).contains("| `" + DataObjectPropertyName.toDashedForm(field.getName()) + "` | ");
        }
    }

    /** Lists are arrays in the metadata, or texts in brackets. */
    private static String asWritten(JsonNode value) {
        return value.isArray()
                ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "))
                : value.asString().replaceAll("^\\[|]$", "");
    }

    private static Properties yml() {
        YamlPropertiesFactoryBean yml = new YamlPropertiesFactoryBean();
        yml.setResources(new ClassPathResource("application.yml"));
        return requireNonNull(yml.getObject(), "application.yml");
    }

    private static List<JsonNode> settings() throws Exception {
        List<JsonNode> settings = new ArrayList<>();
        ClassLoader loader = ApplicationYmlTests.class.getClassLoader();
        for (URL url : Collections.list(loader.getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream json = url.openStream()) {
                new JsonMapper()
                        .readTree(json)
                        .get("properties")
                        .valueStream()
                        .filter(property -> property.get("name").asString().startsWith("context."))
                        .forEach(settings::add);
            }
        }
        return settings;
    }
}
