package io.github.context4j.spring.aot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.testing.TestProcess;
import io.github.context4j.spring.web.tomcat.WatchedHttp11NioProtocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** All auto-configurations, prepared at build time. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PreparedTests {
    private static final String[] PROPERTIES = {
        "--server.port=0",
        "--server.address=127.0.0.1",
        "--spring.grpc.server.port=0",
        "--spring.grpc.server.address=127.0.0.1",
        "--spring.datasource.url=jdbc:h2:mem:prepared",
        "--management.endpoints.web.exposure.include=contexts,metrics",
        "--context.dependencies.cache.timeout=60s",
        "--context.dependencies.db.timeout=5s",
        "--context.dependencies.db.data-sources=dataSource",
        "--context.unclosed.sample-every=100"
    };

    private Prepared prepared;
    private TestProcess application;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        prepared = new Prepared(dir, PreparedApplication.class, PROPERTIES);
        application = prepared.start(PROPERTIES);
    }

    @AfterAll
    void stop() throws Exception {
        assertThat(application.stop()).isEqualTo(143);
        assertThat(application.log()).doesNotContain(" ERROR ", "has no effect", "left as they are");
        application.close();
    }

    @Test
    void allAutoConfigurationsAreThere() throws Exception {
        List<String> ours =
                ImportCandidates.load(AutoConfiguration.class, PreparedTests.class.getClassLoader())
                        .getCandidates()
                        .stream()
                        .filter(name -> name.startsWith("io.github.context4j.") && !name.contains("SwitchedOff"))
                        .toList();
        assertThat(application.body("/beans").split(",")).containsAll(ours);
    }

    @Test
    void handlersAndDependenciesHaveTheirTime() throws Exception {
        assertThat(application.body("/time"))
                .as("minutes of the request, tens of seconds of the call")
                .isEqualTo("1 5");
    }

    @Test
    void queriesAndHttpCallsAreCallsToDependencies() throws Exception {
        assertThat(application.body("/one")).isEqualTo("1");
        assertThat(application.body("/call?url=" + application.url("/one"))).isEqualTo("1");
        assertThat(application.body("/actuator/metrics/context.dependency.calls"))
                .contains("\"db\"", "\"http\"");
    }

    @Test
    void retriesGoOn() throws Exception {
        assertThat(application.body("/attempts")).isEqualTo("3");
    }

    @Test
    void requestsAreListed() throws Exception {
        assertThat(application.body("/actuator/contexts?name=contexts")).contains("\"contexts\":");
    }

    @Test
    void whatWasDecidedWhenItWasPreparedIsSaid() throws Exception {
        String[] properties = Arrays.copyOf(PROPERTIES, PROPERTIES.length + 2);
        properties[PROPERTIES.length] = "--context.enabled=false";
        properties[PROPERTIES.length + 1] = "--context.request.id-header=off";
        try (TestProcess other = prepared.start(properties)) {
            assertThat(other.log()).contains("context.enabled=false has no effect: ", "context.mode=observe");
            assertThat(other.get("/time").headers().map()).doesNotContainKey("off");
            assertThat(other.get("/time").body()).isEqualTo("1 5");
        }
    }

    @Test
    void theProxyOfTheDataSourceWasMadeAtBuildTime() throws Exception {
        assertThat(application.body("/data-source?bean=reports"))
                .startsWith(DriverManagerDataSource.class.getName() + "$$SpringCGLIB$$0 file:")
                .endsWith(prepared.classes() + "/");
    }

    @Test
    void thatOfAPoolOfHikariNeedNotBeMade() throws Exception {
        assertThat(application.body("/data-source?bean=dataSource"))
                .contains(".autoconfigure.GuardedHikariDataSource ");
        try (Stream<Path> files = Files.walk(prepared.classes())) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.contains("HikariDataSource$$"));
        }
    }

    @Test
    void hintsCoverOurPropertiesAndAnnotatedMethods() throws Exception {
        String hints = Files.readString(
                prepared.classes().resolve("META-INF/native-image/test/test/reachability-metadata.json"));
        assertThat(hints)
                .contains("autoconfigure.ContextProperties$Entry\"", "actuate.ContextsEndpoint$Row\"")
                .contains("actuate.ContextsEndpoint$Derived\"")
                .contains("WatchedHttp11NioProtocol\"", "DriverManagerDataSource$$SpringCGLIB$$0\"", "\"remaining\"")
                .contains("autoconfigure.GuardedHikariDataSource\"", "com.zaxxer.hikari.HikariDataSource\"");
    }

    @Test
    void theConnectorIsTheWatchedOne() throws Exception {
        assertThat(application.body("/connector")).isEqualTo(WatchedHttp11NioProtocol.class.getName());
    }
}
