package io.github.context4j.spring.shutdown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.ShutdownException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class ShutdownContextsTests {
    private static ShutdownContexts contexts(Duration gracePeriod, @Nullable LiveContexts requests) {
        return new ShutdownContexts(Context.background(), gracePeriod, 0, requests, false);
    }

    @Test
    void saysHowManyRequestsAreLeftAtTheEndOfTheGracePeriod(CapturedOutput output) throws InterruptedException {
        LiveContexts requests = new LiveContexts();
        ShutdownContexts contexts = contexts(Duration.ZERO, requests);
        contexts.start();
        for (int i = 0; i < 3; i++) {
            requests.add(new LiveContext("GET", contexts.grace(), reason -> false));
        }

        contexts.stop();
        contexts.grace().awaitDone();
        await().untilAsserted(() ->
                assertThat(output).contains("Canceling 3 request(s): shutdown, grace period of 0 ms is over"));

        contexts.destroy();
        assertThat(output.getAll().split("Canceling", -1)).hasSize(2);
    }

    @Test
    void saysNothingIfNoneIsLeft(CapturedOutput output) {
        ShutdownContexts contexts = contexts(Duration.ofMinutes(1), new LiveContexts());
        contexts.start();

        contexts.destroy();

        assertThat(contexts.grace().isDone()).isTrue();
        assertThat(output).doesNotContain("Canceling");
    }

    @Test
    void servingEndsAtOnceAndGraceWhenItsPeriodIsOver() throws InterruptedException {
        ShutdownContexts contexts = contexts(Duration.ofSeconds(2), null);
        contexts.start();
        CountDownLatch over = new CountDownLatch(1);
        try (CancelableContext request = contexts.grace().withCancel()) {
            request.onDone(over::countDown);

            long begun = System.nanoTime();
            contexts.stop();

            assertThat(contexts.serving().cause()).isInstanceOf(ShutdownException.class);
            assertThat(request.state()).isEqualTo(Context.State.ACTIVE);
            assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
            assertThat(request.state()).isEqualTo(Context.State.CANCELED);
            assertThat(request.cause()).isInstanceOf(ShutdownException.class);
        }
    }

    @Test
    void servingEndsBeforeTheGracePeriodBegins() throws InterruptedException {
        ShutdownContexts contexts = contexts(Duration.ZERO, null);
        contexts.start();

        contexts.endServing();

        assertThat(contexts.serving().cause())
                .isInstanceOf(ShutdownException.class)
                .hasMessageContaining("has begun");
        assertThat(contexts.grace().isDone()).isFalse();
        contexts.stop();
        contexts.grace().awaitDone();
    }

    @Test
    void beginningTheGracePeriodLeavesTheStopToTheLifecycle() {
        ShutdownContexts contexts = contexts(Duration.ofMinutes(1), null);
        contexts.start();

        contexts.beginGrace();

        assertThat(contexts.isRunning()).isTrue();
        contexts.destroy();
    }

    @Test
    void aRestartMakesThemAnew() {
        ShutdownContexts contexts = contexts(Duration.ofMinutes(1), null);
        contexts.start();
        contexts.stop();
        Context stopped = contexts.serving();

        contexts.start();

        assertThat(stopped.isDone()).isTrue();
        assertThat(contexts.serving().isDone()).isFalse();
        assertThat(contexts.grace().isDone()).isFalse();
        contexts.destroy();
    }

    @Test
    void destructionCancelsWhatIsLeft() {
        ShutdownContexts contexts = contexts(Duration.ofMinutes(1), null);
        contexts.start();

        contexts.destroy();

        assertThat(contexts.grace().cause()).isInstanceOf(ShutdownException.class);
    }
}
