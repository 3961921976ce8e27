package io.github.context4j.sample;

import static java.util.Objects.requireNonNull;

import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/** A language model somewhere else. By its host its calls are those of the dependency {@code llm}; nothing here says so. */
@Component
final class LanguageModel {
    private final RestClient client;

    LanguageModel(RestClient.Builder clients, LanguageModelStub stub) {
        client = clients.baseUrl(stub.url()).build();
    }

    /** What the figures mean, which takes the model {@code seconds}. */
    String summary(int seconds) {
        return requireNonNull(
                client.get().uri("/summary/{seconds}", seconds).retrieve().body(String.class), "summary");
    }
}
