package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.RestClient;

/** Where an exchange stalls. */
enum Phase {
    CONNECT,
    TLS,
    HEADERS,
    REDIRECT,
    BODY,
    CHUNKED,
    IDENTITY,
    DRAIN,
    JSON,
    UPLOAD;

    private static final byte[] CHUNK = new byte[64 * 1024];

    URI uri(StubServer server, String id) {
        return switch (this) {
            case CONNECT -> server.blackHole();
            case TLS -> server.uri("https", "/" + id);
            default -> server.uri("http", path(id));
        };
    }

    String path(String id) {
        return "/" + (this == DRAIN ? "body" : name().toLowerCase(java.util.Locale.ROOT)) + "/" + id;
    }

    HttpMethod method() {
        return this == UPLOAD ? HttpMethod.POST : HttpMethod.GET;
    }

    Object call(RestClient client, URI uri) {
        return switch (this) {
            case UPLOAD ->
                requireNonNull(client.post()
                        .uri(uri)
                        .header(HttpHeaders.CONTENT_TYPE, "application/octet-stream")
                        .body(Phase::writeMuch)
                        .retrieve()
                        .body(String.class));
            case DRAIN -> client.get().uri(uri).retrieve().toBodilessEntity();
            case JSON -> requireNonNull(client.get().uri(uri).retrieve().body(String[].class));
            default -> requireNonNull(client.get().uri(uri).retrieve().body(byte[].class));
        };
    }

    private static void writeMuch(OutputStream out) throws IOException {
        for (int i = 0; i < 10_000; i++) {
            out.write(CHUNK);
        }
    }
}
