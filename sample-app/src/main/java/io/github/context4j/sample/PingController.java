package io.github.context4j.sample;

import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers as long as the server does. */
@RestController
final class PingController {
    @GetMapping("/api/ping")
    Map<String, String> ping() {
        return Map.of("status", "ok");
    }
}
