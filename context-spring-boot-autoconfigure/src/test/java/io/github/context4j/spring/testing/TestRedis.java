package io.github.context4j.spring.testing;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A Redis on the loopback address that can be frozen. It is the {@code redis-server} on the path; where there is none, a
 * stub that knows as much of the protocol as the tests need, and a warning in the log.
 */
public abstract class TestRedis implements AutoCloseable {
    private static final Log logger = LogFactory.getLog(TestRedis.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Starts one, to be closed by the caller. */
    public static TestRedis start() throws IOException {
        File binary = onThePath("redis-server");
        if (binary == null) {
            logger.warn("NO redis-server ON THE PATH: a stub stands in for it. Install it, as .ci/run does");
            return new RedisStub();
        }
        return new Server(binary);
    }

    private static @Nullable File onThePath(String name) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
            File file = new File(directory, name);
            if (file.canExecute()) {
                return file;
            }
        }
        return null;
    }

    public abstract int port();

    /** From now on it takes what is sent and answers nothing. */
    public abstract void freeze();

    /** It answers again, first what it was asked meanwhile. */
    public abstract void thaw();

    @Override
    public abstract void close();

    private static final class Server extends TestRedis {
        private final int port = freePort();
        private final Process process;

        Server(File binary) throws IOException {
            Path directory = Files.createTempDirectory("redis");
            directory.toFile().deleteOnExit();
            process = new ProcessBuilder(
                            binary.getPath(), "--port", String.valueOf(port), "--bind", "127.0.0.1", "--save", "")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Awaitility.await().atMost(PATIENCE).until(this::answers);
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }

        private boolean answers() {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                InputStream in = socket.getInputStream();
                return in.read() == '+';
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public void freeze() {
            signal("-STOP");
        }

        @Override
        public void thaw() {
            signal("-CONT");
        }

        private void signal(String signal) {
            try {
                int status = new ProcessBuilder("kill", signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor();
                if (status != 0) {
                    throw new IllegalStateException("kill " + signal + ": " + status);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
