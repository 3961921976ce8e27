package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class DataSourceDependenciesTests {
    private final ApplicationContextRunner none = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextJdbcAutoConfiguration.class));
    private final ApplicationContextRunner one =
            none.withBean("dataSource", DataSource.class, DataSourceDependenciesTests::h2);
    private final ApplicationContextRunner two =
            one.withBean("reports", DataSource.class, DataSourceDependenciesTests::h2);

    private static JdbcDataSource h2() {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:dependencies");
        return dataSource;
    }

    @Test
    void theEntryDbAppliesToASoleDataSource(CapturedOutput output) {
        one.withPropertyValues("context.dependencies.db.timeout=200ms").run(context -> {
            var dependency = context.getBean(DataSourceDependencies.class).of("dataSource");
            assertThat(dependency.name()).isEqualTo("db");
            assertThat(dependency.timeout()).isEqualTo(Duration.ofMillis(200));
        });
        assertThat(output).doesNotContain("boundary without").doesNotContain("nothing refers");
    }

    @Test
    void anEntryAppliesToTheDataSourcesThatItNames(CapturedOutput output) {
        two.withPropertyValues(
                        "context.dependencies.db.timeout=200ms",
                        "context.dependencies.db.data-sources=dataSource",
                        "context.dependencies.slow.timeout=60s",
                        "context.dependencies.slow.data-sources=reports")
                .run(context -> {
                    var all = context.getBean(DataSourceDependencies.class);
                    assertThat(all.of("dataSource").name()).isEqualTo("db");
                    assertThat(all.of("reports").name()).isEqualTo("slow");
                });
        assertThat(output).doesNotContain("boundary without").doesNotContain("nothing refers");
    }

    @Test
    void aDataSourceWithoutAnEntryIsNamedOnce(CapturedOutput output) {
        one.run(context -> {
            var dependency = context.getBean(DataSourceDependencies.class).of("dataSource");
            assertThat(dependency.name()).isEqualTo("dataSource");
            assertThat(dependency.timeout()).isNull();
        });
        assertThat(lines(output, "boundary without a time-out"))
                .singleElement()
                .asString()
                .contains("INFO", "'dataSource'");
    }

    @Test
    void entriesThatNothingRefersToAreNamedInOneWarning(CapturedOutput output) {
        two.withPropertyValues("context.dependencies.db.timeout=200ms", "context.dependencies.cache.timeout=1s")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(lines(output, "nothing refers to it"))
                .hasSize(2)
                .anyMatch(line -> line.contains("WARN") && line.contains("dependencies.call(\"cache\", ...)"))
                .anyMatch(line -> line.contains("[dataSource, reports]: name those it is for"));
    }

    private static Stream<String> lines(CapturedOutput output, String text) {
        return output.getOut().lines().filter(line -> line.contains(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "orders | context.dependencies.db.data-sources: orders (expected: names of DataSource beans, which are [dataSource, reports])",
                "contextDataSourceDependencies | context.dependencies.db.data-sources: contextDataSourceDependencies (expected: names of DataSource beans, which are [dataSource, reports])",
                "reports | context.dependencies.db.data-sources: reports (expected: a DataSource that no other entry names; context.dependencies.all.data-sources names it too)"
            })
    void selectorsThatCannotBeMeantFail(String selected, String message) {
        two.withPropertyValues(
                        "context.dependencies.all.timeout=60s",
                        "context.dependencies.all.data-sources=dataSource,reports",
                        "context.dependencies.db.timeout=200ms",
                        "context.dependencies.db.data-sources=" + selected)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidContextPropertyException.class)
                        .hasMessage(message));
    }

    @Test
    void anUnknownNameFailsEvenWhereThereIsNoDataSource() {
        none.withPropertyValues(
                        "context.dependencies.db.timeout=200ms", "context.dependencies.db.data-sources=dataSource")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("which are []"));
    }
}
