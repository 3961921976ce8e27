package io.github.context4j.spring.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each client is missing from the class path, and the others obey the context. The classes of the library are loaded anew: what
 * they find on the class path they find but once.
 */
@Timeout(60)
class MissingClientTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "httpclient5-|httpcore5-",
                "jetty-client-|jetty-http-|jetty-io-|jetty-util-",
                "reactor-|netty-",
                "httpclient5-|httpcore5-|jetty-|reactor-|netty-"
            })
    void theOthersObeyTheContext(String missing) throws Exception {
        Pattern jars = Pattern.compile(".*[/\\\\](" + missing + ")[^/\\\\]*\\.jar");
        URL[] rest = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !jars.matcher(entry).matches())
                .map(MissingClientTests::url)
                .toArray(URL[]::new);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(rest, ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            Object calls = loader.loadClass(CallsWithAllClients.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            assertThat(((Callable<?>) calls).call()).isEqualTo(missing.contains("|jetty-|") ? 2 : 4);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static URL url(String entry) {
        try {
            return new File(entry).toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
