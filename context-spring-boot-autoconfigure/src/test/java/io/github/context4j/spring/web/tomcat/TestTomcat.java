package io.github.context4j.spring.web.tomcat;

import static org.awaitility.Awaitility.await;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.springframework.util.FileSystemUtils;

/** A real Tomcat with the watched connector and one servlet. */
final class TestTomcat implements AutoCloseable {
    /** What the servlet does. */
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
    }

    private final Path directory;
    private final Tomcat tomcat = new Tomcat();
    private final Connector connector = new Connector(WatchedHttp11NioProtocol.class.getName());

    private TestTomcat(Handler handler, Consumer<Connector> customizer, Consumer<Context> contextCustomizer) {
        try {
            directory = Files.createTempDirectory("test-tomcat");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tomcat.setBaseDir(directory.toString());
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.setThrowOnFailure(true);
        customizer.accept(connector);
        tomcat.setConnector(connector);
        tomcat.getEngine().getPipeline().addValve(new HandlerReturnValve());
        Context context = tomcat.addContext("", null);
        Wrapper servlet = Tomcat.addServlet(context, "test", new TestServlet(handler));
        servlet.setAsyncSupported(true);
        context.addServletMappingDecoded("/*", "test");
        contextCustomizer.accept(context);
        try {
            tomcat.start();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }

    static TestTomcat start(Handler handler) {
        return start(handler, connector -> {});
    }

    static TestTomcat start(Handler handler, Consumer<Connector> customizer) {
        return start(handler, customizer, context -> {});
    }

    static TestTomcat start(Handler handler, Consumer<Connector> customizer, Consumer<Context> contextCustomizer) {
        return new TestTomcat(handler, customizer, contextCustomizer);
    }

    int port() {
        return connector.getLocalPort();
    }

    Connector connector() {
        return connector;
    }

    /** Waits until as many connections as that are watched. */
    void awaitRegistered(int count) {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> registered() == count);
    }

    AbstractProtocol<?> protocol() {
        return (AbstractProtocol<?>) connector.getProtocolHandler();
    }

    /** How many connections are registered with the watcher. */
    int registered() {
        return ((WatchedHttp11NioProtocol) connector.getProtocolHandler()).registered();
    }

    /** Stops the connector as Boot does, and starts it again. */
    void restartConnector() throws LifecycleException {
        tomcat.getService().removeConnector(connector);
        connector.stop();
        connector.start();
        tomcat.getService().addConnector(connector);
    }

    void stop() throws LifecycleException {
        tomcat.stop();
    }

    @Override
    public void close() {
        try {
            if (tomcat.getServer().getState().isAvailable()) {
                tomcat.stop();
            }
            tomcat.destroy();
            FileSystemUtils.deleteRecursively(directory);
        } catch (LifecycleException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class TestServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        private final transient Handler handler;

        TestServlet(Handler handler) {
            this.handler = handler;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            try {
                handler.handle(request, response);
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
