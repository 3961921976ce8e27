package io.github.context4j.spring.autoconfigure;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.ClientDisconnectedException.Kind;
import io.github.context4j.spring.web.DisconnectWatch;
import io.github.context4j.spring.web.tomcat.WatchedHttp11NioProtocol;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.ProtocolHandler;
import org.apache.coyote.http11.Http11Nio2Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class TomcatDisconnectAutoConfigurationTests {
    private static final Pattern NOT_DETECTED = Pattern.compile("Client disconnects are not detected.*");

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
                    AnnotationConfigServletWebServerApplicationContext::new)
            .withConfiguration(AutoConfigurations.of(
                    TomcatServletWebServerAutoConfiguration.class,
                    JettyServletWebServerAutoConfiguration.class,
                    ContextAutoConfiguration.class,
                    TomcatDisconnectAutoConfiguration.class,
                    ContextWebServerAutoConfiguration.class))
            .withPropertyValues("server.port=0")
            .withUserConfiguration(TestServletConfiguration.class);

    @Test
    void bootsDefaultConnectorIsWatchedAndNothingIsSaid(CapturedOutput output) {
        runner.run(context -> {
            assertThat(protocol(context)).isInstanceOf(WatchedHttp11NioProtocol.class);
            assertThat(gone(context)).isEqualTo(Kind.CLOSED);
        });
        assertThat(output).doesNotContain("Client disconnects are not detected");
    }

    @Test
    void whereTheLibraryIsDisabledTheConnectorIsTomcatsOwn(CapturedOutput output) {
        runner.withPropertyValues("context.enabled=false").run(context -> {
            assertThat(protocol(context)).hasSameClassAs(new Http11NioProtocol());
            assertThat(get(context)).contains("unwatched");
            assertThat(context).doesNotHaveBean(DisconnectSupport.class).doesNotHaveBean(DisconnectReport.class);
        });
        assertThat(output).doesNotContain("Client disconnects are not detected");
    }

    @Test
    void aHalfCloseCountsUnlessItIsSetNotTo() {
        runner.run(context -> assertThat(half(context)).isEqualTo(Kind.CLOSED));
        runner.withPropertyValues("context.request.half-close-is-disconnect=false")
                .run(context -> assertThat(half(context)).isEqualTo(Kind.RESET));
    }

    @Test
    void aUsersProtocolIsLeftAloneAndSaidOnce(CapturedOutput output) {
        runner.withUserConfiguration(Nio2Configuration.class).run(context -> {
            assertThat(protocol(context)).isInstanceOf(Http11Nio2Protocol.class);
            assertThat(get(context)).contains("unwatched");
        });
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("whose protocol is " + Http11Nio2Protocol.class.getName());
    }

    @Test
    void aUsersSubclassOfTomcatsProtocolIsLeftAloneAndSaidOnce(CapturedOutput output) {
        runner.withUserConfiguration(OwnProtocolConfiguration.class).run(context -> {
            assertThat(protocol(context)).isInstanceOf(OwnProtocol.class);
            assertThat(get(context)).contains("unwatched");
        });
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains(OwnProtocol.class.getName());
    }

    @Test
    void aConnectorThatTheUserAddedIsLeftAloneAndSaidOnce(CapturedOutput output) {
        runner.withUserConfiguration(AdditionalConnectorConfiguration.class).run(context -> {
            assertThat(protocol(context)).isInstanceOf(WatchedHttp11NioProtocol.class);
            Connector added = tomcat(context).getService().findConnectors()[1];
            assertThat(added.getProtocolHandler()).hasSameClassAs(new Http11NioProtocol());
            assertThat(get(added.getLocalPort())).contains("unwatched");
            assertThat(output).contains("not detected on port " + added.getLocalPort());
            assertThat(gone(context)).isEqualTo(Kind.CLOSED);
        });
        assertThat(lines(output)).isEqualTo(1);
    }

    @Test
    void http2IsSaidToBeUnwatched(CapturedOutput output) {
        runner.withPropertyValues("server.http2.enabled=true")
                .run(context -> assertThat(gone(context)).isEqualTo(Kind.CLOSED));
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("for requests over HTTP/2");
    }

    @Test
    void jettyServesAsWithoutUsAndThatIsSaidOnce(CapturedOutput output) {
        runner.withClassLoader(new FilteredClassLoader(Tomcat.class))
                .run(context -> assertThat(get(context)).contains("unwatched"));
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("not detected in JettyServletWebServer (expected: TomcatWebServer)");
    }

    @Test
    void jettyServesAsWithoutUsWhereTomcatIsThereToo(CapturedOutput output) {
        runner.withUserConfiguration(JettyConfiguration.class)
                .run(context -> assertThat(get(context)).contains("unwatched"));
        assertThat(lines(output)).isEqualTo(1);
    }

    @Test
    void aTomcatThatDoesNotFitKeepsItsOwnConnectorAndThatIsWarnedOfOnce(CapturedOutput output) {
        runner.withUserConfiguration(MisfitConfiguration.class).run(context -> {
            assertThat(protocol(context)).hasSameClassAs(new Http11NioProtocol());
            assertThat(get(context)).contains("unwatched");
        });
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output)
                .containsPattern("WARN.*Client disconnects are not detected")
                .contains("createChannel");
    }

    private static long lines(CapturedOutput output) {
        return NOT_DETECTED.matcher(output).results().count();
    }

    private static ProtocolHandler protocol(AssertableWebApplicationContext context) {
        return tomcat(context).getConnector().getProtocolHandler();
    }

    private static Tomcat tomcat(AssertableWebApplicationContext context) {
        return ((TomcatWebServer) server(context)).getTomcat();
    }

    private static WebServer server(AssertableWebApplicationContext context) {
        return requireNonNull(
                ((ServletWebServerApplicationContext) context.getSourceApplicationContext()).getWebServer());
    }

    private static String get(AssertableWebApplicationContext context) throws IOException {
        return get(server(context).getPort());
    }

    private static String get(int port) throws IOException {
        try (Socket socket = ask(port, "/get")) {
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** What the servlet is told when its client closes. */
    private static Kind gone(AssertableWebApplicationContext context) throws IOException, InterruptedException {
        TestServlet servlet = context.getBean(TestServlet.class);
        try (Socket socket = ask(server(context).getPort(), "/wait")) {
            assertThat(socket.isConnected()).isTrue();
            servlet.awaitEntered();
        }
        return servlet.gone();
    }

    /** What the servlet is told first when one client closes its sending side and then another resets its connection. */
    private static Kind half(AssertableWebApplicationContext context) throws IOException, InterruptedException {
        TestServlet servlet = context.getBean(TestServlet.class);
        int port = server(context).getPort();
        try (Socket half = ask(port, "/wait");
                Socket reset = ask(port, "/wait")) {
            servlet.awaitEntered();
            servlet.awaitEntered();
            half.shutdownOutput();
            Kind first = servlet.kinds.poll(1, TimeUnit.SECONDS);
            reset.setSoLinger(true, 0);
            reset.close();
            Kind told = first == null ? servlet.gone() : first;
            servlet.proceed.countDown();
            return told;
        }
    }

    private static Socket ask(int port, String path) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    static final class TestServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        final transient BlockingQueue<Kind> kinds = new LinkedBlockingQueue<>();
        private final transient BlockingQueue<String> entered = new LinkedBlockingQueue<>();
        final transient CountDownLatch proceed = new CountDownLatch(1);

        void awaitEntered() throws InterruptedException {
            assertThat(entered.poll(10, TimeUnit.SECONDS)).isNotNull();
        }

        Kind gone() throws InterruptedException {
            Kind kind = kinds.poll(10, TimeUnit.SECONDS);
            proceed.countDown();
            assertThat(kind).isNotNull();
            return kind;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            boolean watched = request.getAttribute(DisconnectWatch.ATTRIBUTE) instanceof DisconnectWatch;
            if (request.getRequestURI().equals("/wait")) {
                ((DisconnectWatch) request.getAttribute(DisconnectWatch.ATTRIBUTE)).onDisconnect(kinds::add);
                entered.add("entered");
                try {
                    assertThat(proceed.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            response.getWriter().print(watched ? "watched" : "unwatched");
        }
    }

    /** A protocol of the user's. */
    public static final class OwnProtocol extends Http11NioProtocol {}

    @Configuration(proxyBeanMethods = false)
    static class TestServletConfiguration {
        @Bean
        TestServlet testServlet() {
            return new TestServlet();
        }

        @Bean
        ServletRegistrationBean<TestServlet> testServletRegistration(TestServlet servlet) {
            return new ServletRegistrationBean<>(servlet, "/*");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Nio2Configuration {
        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> nio2() {
            return factory -> factory.setProtocol(Http11Nio2Protocol.class.getName());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnProtocolConfiguration {
        @Bean
        TomcatServletWebServerFactory ownFactory() {
            TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory();
            factory.setProtocol(OwnProtocol.class.getName());
            return factory;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class AdditionalConnectorConfiguration {
        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> additionalConnector() {
            return factory -> {
                Connector connector = new Connector();
                connector.setPort(0);
                factory.addAdditionalConnectors(connector);
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class JettyConfiguration {
        @Bean
        JettyServletWebServerFactory jetty() {
            return new JettyServletWebServerFactory();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class MisfitConfiguration {
        @Bean
        TomcatDisconnectSupport context4jTomcatDisconnectSupport() {
            return new TomcatDisconnectSupport(
                    () -> {
                        throw new NoSuchMethodError("createChannel");
                    },
                    true);
        }
    }
}
