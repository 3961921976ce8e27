package io.github.context4j.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.actuate.ContextsEndpoint.Call;
import io.github.context4j.spring.actuate.ContextsEndpoint.Contexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What docs/metrics.md shows of the endpoint. */
class ContextsEndpointExampleTests {
    @Test
    void theExampleInTheDocumentationIsAnAnswer() throws IOException {
        Path page = Path.of("").toAbsolutePath().resolveSibling("docs").resolve("metrics.md");
        String example = Files.readString(page).replaceFirst("(?s).*```json\\n(.*?)```.*", "$1");
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .build();

        Contexts answer = mapper.readValue(example, Contexts.class);

        assertThat(mapper.readTree(mapper.writeValueAsString(answer))).isEqualTo(mapper.readTree(example));
        assertThat(answer.contexts()).singleElement().satisfies(row -> assertThat(row.waitsOn())
                .extracting(Call::thread)
                .doesNotHaveDuplicates()
                .doesNotContain(row.thread()));
    }
}
