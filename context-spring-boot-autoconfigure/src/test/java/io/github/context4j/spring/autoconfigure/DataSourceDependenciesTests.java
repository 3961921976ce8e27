package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.Context;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyTimeoutException;
import io.github.context4j.spring.NamedDependency;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.datasource.DelegatingDataSource;

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

    /** As Spring Cloud does it, for what is made later to have what all the rest has. */
    @Test
    void propertiesThatAreBoundAnewChangeNothing() {
        one.withPropertyValues("context.dependencies.db.timeout=200ms").run(context -> {
            var dependencies = context.getBean(DataSourceDependencies.class);
            context.getBean(ContextProperties.class).getDependencies().clear();
            assertThat(dependencies.of("dataSource").timeout()).isEqualTo(Duration.ofMillis(200));
        });
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

    @Test
    void entriesThatCodeAsksForAreNotNamed(CapturedOutput output) {
        one.withPropertyValues("context.dependencies.db.timeout=200ms", "context.dependencies.cache.timeout=1s")
                .withInitializer(context -> ((GenericApplicationContext) context)
                        .registerBean("caller", NamedDependency.class, () -> context.getBean(Dependencies.class)
                                .named("cache")))
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output).doesNotContain("nothing refers to it");
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

    @Configuration(proxyBeanMethods = false)
    static class SoleScoped {
        @Bean
        @Scope(proxyMode = ScopedProxyMode.TARGET_CLASS)
        HikariDataSource pool() {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl("jdbc:h2:mem:scoped");
            return pool;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(SoleScoped.class)
    static class Scoped {
        @Bean
        DataSource delegating(HikariDataSource pool) {
            return new DelegatingDataSource(pool);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pool", "scopedTarget.pool"})
    void aScopedDataSourceIsOneUnderTwoNames(String selected, CapturedOutput output) {
        none.withUserConfiguration(Scoped.class)
                .withPropertyValues(
                        "context.dependencies.db.timeout=50ms", "context.dependencies.db.data-sources=" + selected)
                .run(context -> {
                    DataSource pool = context.getBean("pool", DataSource.class);
                    assertThat(pool).isInstanceOf(ScopedObject.class);
                    assertThat(GuardedConnections.behind(pool)).isNull();
                    assertThat(AopUtils.isAopProxy(context.getBean("delegating")))
                            .isFalse();
                    timesOut(pool);
                });
        assertThat(output).doesNotContain("boundary without").doesNotContain("only passes on");
    }

    @Test
    void aScopedDataSourceMayBeTheSoleOne(CapturedOutput output) {
        none.withUserConfiguration(SoleScoped.class)
                .withPropertyValues("context.dependencies.db.timeout=50ms")
                .run(context -> timesOut(context.getBean(DataSource.class)));
        assertThat(output).doesNotContain("boundary without").doesNotContain("nothing refers");
    }

    private static void timesOut(DataSource dataSource) {
        assertThatThrownBy(() -> Context.background().runWithin(Duration.ofSeconds(5), () -> {
                    try (Connection connection = dataSource.getConnection();
                            Statement statement = connection.createStatement()) {
                        statement.execute(ContextJdbcAutoConfigurationTests.ENDLESS);
                    }
                }))
                .rootCause()
                .isInstanceOf(DependencyTimeoutException.class);
    }
}
