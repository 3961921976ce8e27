package io.github.context4j.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.Dependency;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDependenciesTests {
    private final HttpDependencies dependencies = new HttpDependencies(
            Map.of(),
            Map.of(),
            Map.of(
                    "my_svc", new Dependency("container", null),
                    "*.example.org", new Dependency("domain", null)),
            new Dependency(HttpDependencies.REST, null));

    @ParameterizedTest
    @CsvSource({
        "http://my_svc/x, container",
        "http://my_svc:8080/x, container",
        "http://me:secret@my_svc:8080/x, container",
        "https://API.example.org/x, domain",
        "https://example.org/x, http",
        "http://other_svc/x, http",
        "/x, http"
    })
    void aHostSelectsItsEntry(URI uri, String name) {
        assertThat(dependencies.of(null, null, uri).name()).isEqualTo(name);
    }
}
