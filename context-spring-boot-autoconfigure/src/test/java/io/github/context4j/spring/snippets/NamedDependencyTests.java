package io.github.context4j.spring.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.NamedDependency;
import io.github.context4j.spring.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.stereotype.Service;

/** A service whose calls belong to a dependency of its own. */
@SuppressWarnings("ClassCanBeStatic") // those of users are not nested
class NamedDependencyTests {
    // @start region="named dependency"
    @Service
    class Reports {
        private final NamedDependency reports;
        private final JdbcClient jdbc;

        Reports(Dependencies dependencies, JdbcClient jdbc) {
            this.reports = dependencies.named("reports"); // fails here if there is no such entry
            this.jdbc = jdbc;
        }

        long sold() {
            return reports.call(() ->
                    jdbc.sql("select sum(amount) from sales").query(Long.class).single());
        }
    }
    // @end

    @Test
    void isCalledByName() throws Exception {
        List<String> called = new ArrayList<>();
        DependencyCalls calls = new DependencyCalls(Mode.ENFORCE, new ContextObserver() {
            @Override
            public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
                called.add(call.dependency().name() + " " + outcome);
            }
        });
        JdbcClient jdbc = JdbcClient.create(new SimpleDriverDataSource(
                new org.h2.Driver(), "jdbc:h2:mem:named;INIT=create table sales as select 42 as amount"));

        Reports reports =
                new Reports(new Dependencies(List.of(new Dependency("reports", Duration.ofSeconds(60))), calls), jdbc);

        assertThat(reports.sold()).isEqualTo(42);
        assertThat(called).containsExactly("reports COMPLETED");
    }
}
