package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where handlers wait until the test lets them go on. */
final class Gate {
    private final CountDownLatch entered;
    private final CountDownLatch open = new CountDownLatch(1);

    Gate() {
        this(1);
    }

    Gate(int handlers) {
        entered = new CountDownLatch(handlers);
    }

    /** Waits, for the handler. */
    void pass() throws InterruptedException {
        entered.countDown();
        assertThat(open.await(20, TimeUnit.SECONDS)).as("gate opened").isTrue();
    }

    /** Waits until all handlers have come to the gate. */
    void awaitEntered() throws InterruptedException {
        assertThat(entered.await(10, TimeUnit.SECONDS)).as("handlers entered").isTrue();
    }

    void open() {
        open.countDown();
    }
}
