package io.github.context4j.sample;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
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

    /** Lists are in brackets in the metadata. */
    private static String asWritten(JsonNode value) {
        return value.asString().replaceAll("^\\[|]$", "");
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
