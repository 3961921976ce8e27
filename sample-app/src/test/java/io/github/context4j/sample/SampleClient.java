package io.github.context4j.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP client of the sample that waits for its responses. */
final class SampleClient {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;

    SampleClient(int port) {
        this.port = port;
    }

    int port() {
        return port;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    HttpResponse<String> getWith(String path, String header, String value) throws IOException, InterruptedException {
        return send(request(path).header(header, value).GET().build());
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path).body());
    }

    /** The SQL of what PostgreSQL runs for the sample now. */
    String[] queries() throws IOException, InterruptedException {
        return json("/api/queries")
                .valueStream()
                .map(q -> q.get("query").asString())
                .toArray(String[]::new);
    }

    /** How many requests ended with {@code outcome} so far. */
    long requests(String outcome) throws IOException, InterruptedException {
        return count("context.requests?tag=outcome:" + outcome);
    }

    /** How many calls to {@code dependency} ended with {@code outcome} so far. */
    long calls(String dependency, String outcome) throws IOException, InterruptedException {
        return count("context.dependency.calls?tag=dependency:" + dependency + "&tag=outcome:" + outcome);
    }

    /** How many attempts to cancel a query ended with {@code result} so far. */
    long cancels(String result) throws IOException, InterruptedException {
        return count("context.jdbc.cancels?tag=result:" + result);
    }

    private long count(String meter) throws IOException, InterruptedException {
        HttpResponse<String> metric = get("/actuator/metrics/" + meter);
        if (metric.statusCode() == 404) {
            return 0; // none yet, so no such meter
        }
        return JSON.readTree(metric.body())
                .get("measurements")
                .valueStream()
                .filter(m -> m.get("statistic").asString().equals("COUNT"))
                .mapToLong(m -> m.get("value").asLong())
                .sum();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
