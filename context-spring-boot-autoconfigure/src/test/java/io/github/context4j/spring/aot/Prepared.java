package io.github.context4j.spring.aot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.testing.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.springframework.boot.SpringApplicationAotProcessor;

/** An application that was prepared as the build plugins of Spring Boot do it. */
final class Prepared {
    private final Path dir;
    private final Class<?> application;
    private final Path classes;

    /**
     * Generates sources below {@code dir}, and compiles them.
     *
     * @param properties as {@code --key=value}, at build time
     */
    Prepared(Path dir, Class<?> application, String... properties) throws Exception {
        this.dir = dir;
        this.application = application;
        classes = Files.createDirectories(dir.resolve("classes"));
        Path sources = dir.resolve("sources");
        List<String> arguments = new ArrayList<>(List.of(
                SpringApplicationAotProcessor.class.getName(),
                application.getName(),
                sources.toString(),
                classes.toString(),
                classes.toString(),
                "test",
                "test"));
        arguments.addAll(List.of(properties));
        try (TestProcess processor = TestProcess.start(dir.resolve("prepare.log"), List.of(), arguments)) {
            assertThat(processor.awaitEnd()).as(processor::log).isZero();
        }
        compile(sources);
    }

    private void compile(Path sources) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none", "-nowarn"));
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    /** Starts it with {@code properties} as {@code --key=value}. */
    TestProcess start(String... properties) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-Dspring.aot.enabled=true", application.getName()));
        arguments.addAll(List.of(properties));
        TestProcess started = TestProcess.start(Files.createTempFile(dir, "run", ".log"), List.of(classes), arguments);
        assertThat(started.awaitServer().log()).contains("Starting AOT-processed");
        return started;
    }

    /** Where the classes are that were generated. */
    Path classes() {
        return classes;
    }
}
