package io.github.context4j.spring.restart;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.spring.LiveContexts;
import io.micrometer.context.ContextRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Runs {@link RestartedApplication} twice, each time in a class loader of its own that must be garbage in the end. */
final class Restarts {
    /** Where to write the heap if it is not. */
    private static final @Nullable String DUMP = System.getProperty("restarts.dump");

    private Restarts() {}

    public static void main(String[] args) throws Exception {
        runWithoutTheLibrary(); // has Spring Boot and H2 make their shutdown hooks, which keep a class loader
        awaitNoThreads(); // so that the first application makes them
        WeakReference<ClassLoader> first = runOnce();
        // As the next application would, this keeps the timer's thread, which the first has made.
        try (CancelableContext keeping = Context.background().withTimeout(Duration.ofMinutes(10))) {
            WeakReference<ClassLoader> second = runOnce();
            runWithoutTheLibrary(); // Logback keeps the environment of the last application
            awaitCollected(first);
            awaitCollected(second);
            assertThat(keeping.isDone()).isFalse();
        }
        assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
                .noneMatch(accessor -> String.valueOf(accessor.key()).startsWith("io.github.context4j"));
        System.out.println("Both are gone");
        System.exit(0);
    }

    private static void awaitNoThreads() {
        await().atMost(Duration.ofSeconds(30)).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("context-")));
    }

    private static void awaitCollected(WeakReference<ClassLoader> loader) throws IOException {
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                System.gc();
                return loader.refersTo(null);
            });
        } catch (ConditionTimeoutException e) {
            if (DUMP != null) {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpHeap(DUMP, true);
            }
            throw e;
        }
    }

    /** What devtools loads anew: the application's classes, ahead of its parent. */
    private static final class RestartLoader extends ClassLoader {
        RestartLoader() {
            super("restart", Restarts.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(Restarts.class.getPackageName() + ".RestartedApplication")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known != null ? known : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = requireNonNull(in, name).readAllBytes();
                return defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(null, null, this, null));
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private static void runWithoutTheLibrary() throws ReflectiveOperationException {
        try (ConfigurableApplicationContext application =
                start(Restarts.class.getClassLoader(), "context.enabled=false")) {
            application.getBean(JdbcTemplate.class).execute("select 1");
        }
    }

    private static WeakReference<ClassLoader> runOnce() throws Exception {
        ClassLoader loader = new RestartLoader();
        @Nullable Throwable[] failure = new Throwable[1];
        Thread main = new Thread(null, () -> failure[0] = use(loader), "restartedMain", 0, false);
        main.setContextClassLoader(loader);
        main.start();
        main.join();
        assertThat(failure[0]).isNull();
        return new WeakReference<>(loader);
    }

    private static @Nullable Throwable use(ClassLoader loader) {
        try (ConfigurableApplicationContext application = start(loader, "context.enabled=true")) {
            assertThat(get(application, "/everything").body()).isEqualTo("Value[text=mine] 1 pong Value[text=mine]");
            assertThat(get(application, "/late").statusCode()).isEqualTo(504);
            leave(application);
            return null;
        } catch (Throwable t) {
            return t;
        }
    }

    private static ConfigurableApplicationContext start(ClassLoader loader, String enabled)
            throws ReflectiveOperationException {
        Object properties = new String[] {
            enabled,
            "server.port=0",
            "server.address=127.0.0.1",
            "spring.jmx.enabled=false",
            "spring.main.register-shutdown-hook=false",
            "spring.datasource.url=jdbc:h2:mem:restart",
            "management.metrics.use-global-registry=false",
            "context.request.timeout=20s",
            "context.zombies.after=100ms",
            "context.shutdown.grace-period=200ms",
            "context.dependencies.db.timeout=10s",
            "context.unclosed.sample-every=1"
        };
        return (ConfigurableApplicationContext) loader.loadClass(RestartedApplication.class.getName())
                .getMethod("run", String[].class)
                .invoke(null, properties);
    }

    private static int port(ConfigurableApplicationContext application) {
        return requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext application, String path)
            throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port(application) + path);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @SuppressWarnings("AddressSelection") // the loopback address is meant
    private static void leave(ConfigurableApplicationContext application) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(application))) {
            socket.getOutputStream()
                    .write("GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> !application.getBean(LiveContexts.class).all().isEmpty());
        }
        await().until(() -> application
                        .getBean(MeterRegistry.class)
                        .find("context.requests")
                        .tags("cause", "client_disconnected")
                        .timer()
                != null);
    }
}
