package io.github.context4j.sample;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.awaitility.core.ConditionFactory;

/** For what only shows in the server or in the database. */
final class Waiting {
    private Waiting() {}

    /** Less than what is waited for would take by itself; a machine may well stop for some seconds. */
    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
    }
}
