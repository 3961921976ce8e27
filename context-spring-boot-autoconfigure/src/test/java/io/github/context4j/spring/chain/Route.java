package io.github.context4j.spring.chain;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** What is between a caller and a service. The proxies are those of the system, on the loopback address. */
enum Route {
    DIRECT {
        @Override
        String config(Path directory, List<Integer> ports, List<Integer> targets) {
            throw new UnsupportedOperationException();
        }

        @Override
        List<String> command(String binary, Path directory, Path config) {
            throw new UnsupportedOperationException();
        }
    },
    NGINX {
        @Override
        String config(Path directory, List<Integer> ports, List<Integer> targets) {
            String temporary = Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                    .map(kind -> kind + "_temp_path " + directory.resolve(kind) + ";\n")
                    .collect(joining());
            return "daemon off;\nmaster_process off;\npid " + directory.resolve("pid") + ";\nerror_log stderr;\n"
                    + "events {}\nhttp {\naccess_log off;\nproxy_http_version 1.1;\nproxy_set_header Connection '';\n"
                    + temporary
                    + each(
                            ports,
                            targets,
                            "server { listen 127.0.0.1:%d; location / { proxy_pass http://127.0.0.1:%d; } }")
                    + "\n}\n";
        }

        @Override
        List<String> command(String binary, Path directory, Path config) {
            return List.of(binary, "-p", directory.toString(), "-c", config.toString());
        }
    },
    HAPROXY {
        @Override
        String config(Path directory, List<Integer> ports, List<Integer> targets) {
            return "defaults\n mode http\n option abortonclose\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n"
                    + each(ports, targets, "listen at%1$d\n bind 127.0.0.1:%1$d\n server next 127.0.0.1:%2$d\n");
        }

        @Override
        List<String> command(String binary, Path directory, Path config) {
            return List.of(binary, "-db", "-f", config.toString());
        }
    };

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    abstract String config(Path directory, List<Integer> ports, List<Integer> targets);

    abstract List<String> command(String binary, Path directory, Path config);

    private static String each(List<Integer> ports, List<Integer> targets, String format) {
        return IntStream.range(0, ports.size())
                .mapToObj(i -> String.format(format, ports.get(i), targets.get(i)))
                .collect(joining("\n"));
    }

    /** The program, at the places where Debian and others have it. Without it the test is skipped, and the log says so. */
    String binary() {
        String name = name().toLowerCase(java.util.Locale.ROOT);
        String places =
                System.getenv("PATH") + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/usr/local/sbin";
        for (String directory : places.split(File.pathSeparator, -1)) {
            File file = new File(directory, name);
            if (file.canExecute()) {
                return file.getPath();
            }
        }
        String missing = "NO " + name + " ON THE PATH: nothing is tested through it. Install it, as .ci/run does";
        LogFactory.getLog(Route.class).warn(missing);
        return Assumptions.abort(missing);
    }

    /** Starts the proxy; it has the ports of {@code reserved} for what is at {@code targets}. To be ended by the caller. */
    Process start(List<ServerSocket> reserved, List<Integer> targets) throws IOException {
        List<Integer> ports = reserved.stream().map(ServerSocket::getLocalPort).toList();
        Path directory = Files.createTempDirectory("proxy");
        Path config = directory.resolve("config");
        Files.writeString(config, config(directory, ports, targets));
        for (ServerSocket each : reserved) {
            each.close();
        }
        Process process = new ProcessBuilder(command(binary(), directory, config))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(Files.readString(directory.resolve("log")));
            }
            return ports.stream().allMatch(Route::accepts);
        });
        return process;
    }

    static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A port that nobody else is given until the proxy starts: servers that ask for any port would get it, now and then. */
    static ServerSocket reserve() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }
}
