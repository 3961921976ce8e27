package io.github.context4j.sample;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.awaitility.core.ConditionFactory;

/** For what only shows in the server or in the database. */
final class Waiting {
    private Waiting() {}

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(10));
    }

    static ConditionFactory within2Seconds() {
        return await().atMost(Duration.ofSeconds(2)).pollInterval(Duration.ofMillis(10));
    }
}
