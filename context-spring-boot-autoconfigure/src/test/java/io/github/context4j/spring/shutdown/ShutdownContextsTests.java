package io.github.context4j.spring.shutdown;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.ShutdownException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShutdownContextsTests {
    @Test
    void servingEndsAtOnceAndGraceWhenItsPeriodIsOver() throws InterruptedException {
        ShutdownContexts contexts = new ShutdownContexts(Context.background(), Duration.ofSeconds(2), 0, null);
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
        ShutdownContexts contexts = new ShutdownContexts(Context.background(), Duration.ZERO, 0, null);
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
        ShutdownContexts contexts = new ShutdownContexts(Context.background(), Duration.ofMinutes(1), 0, null);
        contexts.start();

        contexts.beginGrace();

        assertThat(contexts.isRunning()).isTrue();
        contexts.destroy();
    }

    @Test
    void aRestartMakesThemAnew() {
        ShutdownContexts contexts = new ShutdownContexts(Context.background(), Duration.ofMinutes(1), 0, null);
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
        ShutdownContexts contexts = new ShutdownContexts(Context.background(), Duration.ofMinutes(1), 0, null);
        contexts.start();

        contexts.destroy();

        assertThat(contexts.grace().cause()).isInstanceOf(ShutdownException.class);
    }
}
