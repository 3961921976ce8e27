package io.github.context4j.spring.web.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client leaves while its request is in progress. */
class TomcatDisconnectTests {
    private final Gone gone = new Gone();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch proceed = new CountDownLatch(1);

    private final TestTomcat.Handler blocking = (request, response) -> {
        gone.listen(request);
        entered.countDown();
        proceed.await(20, TimeUnit.SECONDS);
    };

    @Test
    void aClosedConnectionIsSeen() throws Exception {
        try (TestTomcat tomcat = TestTomcat.start(blocking);
                TestClient client = TestClient.connect(tomcat.port())) {
            client.get("/");
            assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();
            client.close();
            assertThat(gone.next()).isNotNull().extracting(Gone.Call::kind).isEqualTo(Kind.CLOSED);
            proceed.countDown();
        }
        assertThat(gone.calls).hasSize(1);
    }
}
