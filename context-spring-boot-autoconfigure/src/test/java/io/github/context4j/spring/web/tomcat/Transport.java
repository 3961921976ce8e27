package io.github.context4j.spring.web.tomcat;

import java.io.IOException;
import java.util.function.Consumer;
import org.apache.catalina.connector.Connector;

/** What is below HTTP/1.1. */
enum Transport {
    CLEAR,
    TLS_1_2,
    TLS_1_3;

    TestTomcat start(TestTomcat.Handler handler) {
        return start(handler, connector -> {});
    }

    TestTomcat start(TestTomcat.Handler handler, Consumer<Connector> customizer) {
        Consumer<Connector> transport = this == CLEAR ? connector -> {} : TestTls::enable;
        return TestTomcat.start(handler, transport.andThen(customizer));
    }

    TestClient connect(TestTomcat tomcat) throws IOException {
        return connect(tomcat.port());
    }

    TestClient connect(int port) throws IOException {
        return switch (this) {
            case CLEAR -> TestClient.connect(port);
            case TLS_1_2 -> TestClient.connectTls(port, "TLSv1.2");
            case TLS_1_3 -> TestClient.connectTls(port, "TLSv1.3");
        };
    }
}
